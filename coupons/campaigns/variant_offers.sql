-- name: find_variant_offer reference
SELECT offer, benefit
FROM variant_offers
WHERE campaign_id = $1 AND version = $2;

-- name: insert_variant_offer reference
INSERT INTO variant_offers (campaign_id, version, offer, benefit, created_at)
SELECT :campaign_id::uuid, coalesce(max(version), 0) + 1, :offer::jsonb, :benefit::jsonb, :now::timestamptz
FROM variant_offers
WHERE campaign_id = :campaign_id
RETURNING version;

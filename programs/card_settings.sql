-- name: find_card_settings reference
SELECT card_colour, card_terms_ja, card_terms_en, privacy_url
FROM programs
WHERE id = $1;

-- name: update_card_settings reference
UPDATE programs
SET card_colour = :colour, card_terms_ja = :terms_ja, card_terms_en = :terms_en, privacy_url = :privacy_url
WHERE id = :id;

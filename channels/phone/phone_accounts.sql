-- name: find_phone_account reference
SELECT a.program_id, a.sms_route, a.api_url, a.account_sid, a.sms_sender, a.voice_sender, a.direct_url, a.direct_sender,
       a.sealed_credentials, a.currency, a.segment_price, a.call_price, a.day_cap, a.calls_from, a.calls_until,
       a.spoken_address, a.changed_at, p.time_zone
FROM phone_accounts AS a
JOIN programs AS p ON p.id = a.program_id
WHERE a.program_id = $1;

-- name: has_sms reference
SELECT EXISTS (SELECT FROM phone_accounts WHERE program_id = $1 AND sms_route IS NOT NULL);

-- name: find_telephone reference
SELECT sms_route IS NOT NULL AS has_sms, voice_sender IS NOT NULL AS has_voice,
       sms_route IS NOT DISTINCT FROM 'dialect' AS takes_replies, currency, segment_price, call_price
FROM phone_accounts
WHERE program_id = $1;

-- name: upsert_phone_account reference
INSERT INTO phone_accounts
    (program_id, sms_route, api_url, account_sid, sms_sender, voice_sender, direct_url, direct_sender,
     sealed_credentials, currency, segment_price, call_price, day_cap, calls_from, calls_until, spoken_address, changed_at)
VALUES (:program_id, :sms_route, :api_url, :account_sid, :sms_sender, :voice_sender, :direct_url, :direct_sender,
        :sealed_credentials, :currency, :segment_price, :call_price, :day_cap, :calls_from, :calls_until,
        :spoken_address, :now)
ON CONFLICT (program_id) DO UPDATE
SET sms_route = excluded.sms_route, api_url = excluded.api_url, account_sid = excluded.account_sid,
    sms_sender = excluded.sms_sender, voice_sender = excluded.voice_sender, direct_url = excluded.direct_url,
    direct_sender = excluded.direct_sender, sealed_credentials = excluded.sealed_credentials,
    currency = excluded.currency, segment_price = excluded.segment_price, call_price = excluded.call_price,
    day_cap = excluded.day_cap, calls_from = excluded.calls_from, calls_until = excluded.calls_until,
    spoken_address = excluded.spoken_address, changed_at = excluded.changed_at;

-- name: book_money local
-- No row: the day's cap does not allow it. Who books at the same time waits here, and then sees what was booked.
INSERT INTO phone_spending (program_id, day, spent, cap)
SELECT :program_id, :day, :price, :cap
WHERE :price::bigint <= :limit::bigint
ON CONFLICT (program_id, day) DO UPDATE
SET spent = phone_spending.spent + excluded.spent, cap = excluded.cap
WHERE phone_spending.spent + excluded.spent <= least(:limit::bigint, excluded.cap)
RETURNING spent;

-- name: give_money_back local
UPDATE phone_spending
SET spent = spent - $3
WHERE program_id = $1 AND day = $2;

-- name: list_spending local
SELECT day, spent
FROM phone_spending
WHERE program_id = $1 AND day > $2
ORDER BY day DESC;

-- name: purge_phone_spending local
DELETE FROM phone_spending
WHERE day < $1;

-- name: is_opted_out local
SELECT EXISTS (SELECT FROM phone_opt_outs WHERE program_id = $1 AND number_hash = $2 AND kind = $3);

-- name: list_opt_outs local
SELECT kind AS channel, source AS reason, at
FROM phone_opt_outs
WHERE program_id = $1 AND number_hash = $2
ORDER BY at, kind;

-- name: insert_opt_out local
INSERT INTO phone_opt_outs (program_id, number_hash, kind, source, at)
VALUES (:program_id, :number_hash, :kind, :source, :now)
ON CONFLICT (program_id, number_hash, kind) DO NOTHING;

-- name: insert_text_wish local
INSERT INTO text_wishes (program_id, message_sid, at)
VALUES ($1, $2, $3)
ON CONFLICT (program_id, message_sid) DO NOTHING
RETURNING true;

-- name: delete_opt_out local
DELETE FROM phone_opt_outs
WHERE program_id = $1 AND number_hash = $2 AND kind = $3;

-- The bank's books. Amounts are whole fen, instants whole milliseconds since 1970 UTC.

CREATE TABLE IF NOT EXISTS merchants (
    merchant_id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    balance_minor INTEGER NOT NULL CHECK (balance_minor >= 0)
) STRICT;

CREATE TABLE IF NOT EXISTS nonces (
    merchant_id TEXT NOT NULL,
    nonce TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (merchant_id, nonce)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS nonces_by_time ON nonces (at_ms);

-- A card as a payer showed it: never its number.
CREATE TABLE IF NOT EXISTS cards (
    fingerprint TEXT PRIMARY KEY,
    bin TEXT NOT NULL CHECK (length(bin) BETWEEN 6 AND 10),
    last4 TEXT NOT NULL CHECK (length(last4) = 4),
    issuer_code TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('debit', 'credit')),
    scheme TEXT NOT NULL,
    temper TEXT NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS agreements (
    id INTEGER PRIMARY KEY,
    merchant_id TEXT NOT NULL REFERENCES merchants,
    agreement_no TEXT NOT NULL,
    page_token TEXT NOT NULL UNIQUE,
    token TEXT UNIQUE,
    status TEXT NOT NULL CHECK (status IN ('PENDING', 'CODE_SENT', 'ACTIVE', 'REVOKED', 'EXPIRED')),
    owner_ref TEXT NOT NULL,
    return_url TEXT NOT NULL,
    notify_url TEXT NOT NULL,
    fingerprint TEXT REFERENCES cards,
    holder TEXT NOT NULL DEFAULT '',
    phone TEXT NOT NULL DEFAULT '',
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    signed_ms INTEGER,
    ended_ms INTEGER,
    UNIQUE (merchant_id, agreement_no),
    CHECK ((status IN ('ACTIVE', 'REVOKED')) = (token IS NOT NULL)),
    CHECK (status <> 'ACTIVE' OR fingerprint IS NOT NULL)
) STRICT;

CREATE TABLE IF NOT EXISTS orders (
    id INTEGER PRIMARY KEY,
    merchant_id TEXT NOT NULL REFERENCES merchants,
    our_no TEXT NOT NULL,
    acquirer_no TEXT NOT NULL UNIQUE,
    page_token TEXT NOT NULL UNIQUE,
    way TEXT NOT NULL CHECK (way IN ('cashier', 'agreement')),
    content_digest TEXT NOT NULL,
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
    currency TEXT NOT NULL,
    subject TEXT NOT NULL,
    return_url TEXT NOT NULL,
    notify_url TEXT NOT NULL,
    agreement_no TEXT NOT NULL DEFAULT '',
    status TEXT NOT NULL CHECK (status IN ('NOTPAY', 'USERPAYING', 'SUCCESS', 'CLOSED', 'PAYERROR')),
    failure_code TEXT NOT NULL DEFAULT '',
    fingerprint TEXT REFERENCES cards,
    phone TEXT NOT NULL DEFAULT '',
    refunded_minor INTEGER NOT NULL DEFAULT 0,
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    paid_ms INTEGER,
    closed_ms INTEGER,
    UNIQUE (merchant_id, our_no),
    CHECK (refunded_minor BETWEEN 0 AND amount_minor),
    CHECK (refunded_minor = 0 OR status = 'SUCCESS'),
    CHECK ((status = 'SUCCESS') = (paid_ms IS NOT NULL))
) STRICT;
CREATE INDEX IF NOT EXISTS orders_open ON orders (expires_ms) WHERE status IN ('NOTPAY', 'USERPAYING');

CREATE TABLE IF NOT EXISTS refunds (
    id INTEGER PRIMARY KEY,
    merchant_id TEXT NOT NULL REFERENCES merchants,
    refund_no TEXT NOT NULL,
    acquirer_refund_no TEXT NOT NULL UNIQUE,
    order_id INTEGER NOT NULL REFERENCES orders,
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
    reason TEXT NOT NULL,
    notify_url TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('PROCESSING', 'SUCCESS', 'FAILED')),
    created_ms INTEGER NOT NULL,
    due_ms INTEGER NOT NULL,
    done_ms INTEGER,
    UNIQUE (merchant_id, refund_no)
) STRICT;
CREATE INDEX IF NOT EXISTS refunds_due ON refunds (due_ms) WHERE status = 'PROCESSING';

CREATE TABLE IF NOT EXISTS transfers (
    id INTEGER PRIMARY KEY,
    merchant_id TEXT NOT NULL REFERENCES merchants,
    transfer_no TEXT NOT NULL,
    acquirer_transfer_no TEXT NOT NULL UNIQUE,
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
    payee_name TEXT NOT NULL,
    payee_account TEXT NOT NULL,
    payee_bank TEXT NOT NULL,
    purpose TEXT NOT NULL,
    notify_url TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('PROCESSING', 'SUCCESS', 'FAILED')),
    failure_code TEXT NOT NULL DEFAULT '',
    created_ms INTEGER NOT NULL,
    due_ms INTEGER NOT NULL,
    done_ms INTEGER,
    UNIQUE (merchant_id, transfer_no)
) STRICT;
CREATE INDEX IF NOT EXISTS transfers_due ON transfers (due_ms) WHERE status = 'PROCESSING';

-- One-time codes, by what they are for ("sign:<page token>", "pay:<page token>"): only a digest is kept.
CREATE TABLE IF NOT EXISTS one_time_codes (
    purpose TEXT PRIMARY KEY,
    code_digest TEXT NOT NULL,
    phone TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    sent_count INTEGER NOT NULL CHECK (sent_count <= 5),
    tries_left INTEGER NOT NULL CHECK (tries_left >= 0),
    sent_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL
) STRICT;

-- The demo's telephone: every text message the bank, or a merchant, "sent".
CREATE TABLE IF NOT EXISTS texts (
    id INTEGER PRIMARY KEY,
    phone TEXT NOT NULL,
    sender TEXT NOT NULL,
    body TEXT NOT NULL,
    at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS texts_by_phone ON texts (phone, id);

CREATE TABLE IF NOT EXISTS notices (
    id INTEGER PRIMARY KEY,
    merchant_id TEXT NOT NULL REFERENCES merchants,
    event_id TEXT NOT NULL UNIQUE,
    event_type TEXT NOT NULL,
    business_no TEXT NOT NULL,
    url TEXT NOT NULL,
    content TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('WAITING', 'DELIVERED', 'GIVEN_UP')),
    attempts INTEGER NOT NULL DEFAULT 0,
    next_ms INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    last_answer TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX IF NOT EXISTS notices_due ON notices (next_ms) WHERE state = 'WAITING';

-- Misbehaviour asked for on the admin plane. '' fits anything; strikes_left NULL is without end.
CREATE TABLE IF NOT EXISTS fault_rules (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    fault TEXT NOT NULL,
    route TEXT NOT NULL,
    number TEXT NOT NULL,
    kind TEXT NOT NULL,
    day TEXT NOT NULL,
    skips_left INTEGER NOT NULL CHECK (skips_left >= 0),
    strikes_left INTEGER CHECK (strikes_left >= 0),
    probability REAL NOT NULL CHECK (probability BETWEEN 0 AND 1),
    args TEXT NOT NULL,
    struck INTEGER NOT NULL DEFAULT 0,
    created_ms INTEGER NOT NULL
) STRICT;

-- The bank's books. Amounts are whole fen, instants whole milliseconds since 1970 UTC.

CREATE TABLE IF NOT EXISTS merchants (
    merchant_id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    fee_rate TEXT NOT NULL DEFAULT '0',
    balance_minor INTEGER NOT NULL,
    pending_minor INTEGER NOT NULL DEFAULT 0,
    CHECK (balance_minor + pending_minor >= 0)
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
    status TEXT NOT NULL CHECK (status IN
        ('PENDING', 'CODE_SENT', 'ACTIVE', 'SUSPENDED', 'REVOKED', 'EXPIRED')),
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
    valid_until_ms INTEGER,
    -- Who revoked it: the card's owner, the merchant, or the bank that issued the card.
    ended_by TEXT NOT NULL DEFAULT '' CHECK (ended_by IN ('', 'owner', 'merchant', 'issuer')),
    UNIQUE (merchant_id, agreement_no),
    CHECK (status NOT IN ('ACTIVE', 'SUSPENDED', 'REVOKED') OR token IS NOT NULL),
    CHECK (status NOT IN ('ACTIVE', 'SUSPENDED') OR fingerprint IS NOT NULL)
) STRICT;
CREATE INDEX IF NOT EXISTS agreements_running_out ON agreements (valid_until_ms)
    WHERE valid_until_ms IS NOT NULL AND status IN ('ACTIVE', 'SUSPENDED');

-- What a bank takes off for its card holders by itself (银行营销活动). kinds '' fits any card.
CREATE TABLE IF NOT EXISTS campaigns (
    code TEXT PRIMARY KEY,
    giver TEXT NOT NULL,
    issuer_code TEXT NOT NULL,
    kinds TEXT NOT NULL DEFAULT '',
    threshold_minor INTEGER NOT NULL CHECK (threshold_minor > 0),
    discount_minor INTEGER NOT NULL CHECK (discount_minor > 0 AND discount_minor < threshold_minor),
    budget_minor INTEGER CHECK (budget_minor >= spent_minor),
    spent_minor INTEGER NOT NULL DEFAULT 0 CHECK (spent_minor >= 0),
    ended_ms INTEGER,
    created_ms INTEGER NOT NULL
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
    -- What a campaign took off the amount when it was paid.
    campaign_code TEXT REFERENCES campaigns,
    discount_minor INTEGER NOT NULL DEFAULT 0,
    -- Paid in one payment, or in more than one (further_payments).
    received_minor INTEGER NOT NULL DEFAULT 0,
    refunded_minor INTEGER NOT NULL DEFAULT 0,
    shared_minor INTEGER NOT NULL DEFAULT 0,
    sharing_ended_ms INTEGER,
    fee_rate TEXT NOT NULL DEFAULT '0',
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    paid_ms INTEGER,
    closed_ms INTEGER,
    late_pay_ms INTEGER,
    UNIQUE (merchant_id, our_no),
    CHECK (discount_minor >= 0 AND discount_minor < amount_minor),
    CHECK ((discount_minor > 0) = (campaign_code IS NOT NULL)),
    CHECK (refunded_minor BETWEEN 0 AND received_minor),
    CHECK (shared_minor BETWEEN 0 AND received_minor),
    CHECK ((status = 'SUCCESS') = (received_minor > 0)),
    CHECK ((status = 'SUCCESS') = (paid_ms IS NOT NULL))
) STRICT;
CREATE INDEX IF NOT EXISTS orders_open ON orders (expires_ms) WHERE status IN ('NOTPAY', 'USERPAYING');
CREATE INDEX IF NOT EXISTS orders_paid_late ON orders (late_pay_ms) WHERE late_pay_ms IS NOT NULL;

-- A second payment under one order: what never should happen, and does (fault double_pay).
CREATE TABLE IF NOT EXISTS further_payments (
    id INTEGER PRIMARY KEY,
    order_id INTEGER NOT NULL REFERENCES orders,
    acquirer_no TEXT NOT NULL UNIQUE,
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
    paid_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS further_payments_by_order ON further_payments (order_id);

CREATE TABLE IF NOT EXISTS refunds (
    id INTEGER PRIMARY KEY,
    merchant_id TEXT NOT NULL REFERENCES merchants,
    refund_no TEXT NOT NULL,
    acquirer_refund_no TEXT NOT NULL UNIQUE,
    order_id INTEGER NOT NULL REFERENCES orders,
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
    reason TEXT NOT NULL,
    notify_url TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('PROCESSING', 'SUCCESS', 'FAILED', 'ABNORMAL')),
    failure_code TEXT NOT NULL DEFAULT '',
    -- What is going to become of it when it is due, and when the payer's bank sends it back after all.
    fate TEXT NOT NULL DEFAULT 'SUCCESS' CHECK (fate IN ('SUCCESS', 'FAILED', 'ABNORMAL')),
    comes_back_ms INTEGER,
    created_ms INTEGER NOT NULL,
    due_ms INTEGER NOT NULL,
    done_ms INTEGER,
    failed_ms INTEGER,
    UNIQUE (merchant_id, refund_no)
) STRICT;
CREATE INDEX IF NOT EXISTS refunds_due ON refunds (due_ms) WHERE status = 'PROCESSING';
CREATE INDEX IF NOT EXISTS refunds_coming_back ON refunds (comes_back_ms)
    WHERE comes_back_ms IS NOT NULL;

-- Who may receive shares (分账接收方).
CREATE TABLE IF NOT EXISTS receivers (
    merchant_id TEXT NOT NULL REFERENCES merchants,
    account TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    added_ms INTEGER NOT NULL,
    removed_ms INTEGER,
    PRIMARY KEY (merchant_id, account)
) STRICT;

CREATE TABLE IF NOT EXISTS splits (
    id INTEGER PRIMARY KEY,
    merchant_id TEXT NOT NULL REFERENCES merchants,
    split_no TEXT NOT NULL,
    acquirer_split_no TEXT NOT NULL UNIQUE,
    order_id INTEGER NOT NULL REFERENCES orders,
    content_digest TEXT NOT NULL,
    is_last INTEGER NOT NULL,
    notify_url TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('PROCESSING', 'SUCCESS', 'PARTIAL', 'FAILED')),
    created_ms INTEGER NOT NULL,
    due_ms INTEGER NOT NULL,
    done_ms INTEGER,
    UNIQUE (merchant_id, split_no)
) STRICT;
CREATE INDEX IF NOT EXISTS splits_due ON splits (due_ms) WHERE status = 'PROCESSING';

CREATE TABLE IF NOT EXISTS shares (
    id INTEGER PRIMARY KEY,
    merchant_id TEXT NOT NULL REFERENCES merchants,
    split_id INTEGER NOT NULL REFERENCES splits,
    share_no TEXT NOT NULL,
    receiver TEXT NOT NULL,
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
    note TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('PROCESSING', 'SUCCESS', 'FAILED')),
    failure_code TEXT NOT NULL DEFAULT '',
    returned_minor INTEGER NOT NULL DEFAULT 0,
    done_ms INTEGER,
    UNIQUE (merchant_id, share_no),
    UNIQUE (split_id, receiver),
    CHECK (returned_minor BETWEEN 0 AND amount_minor)
) STRICT;

CREATE TABLE IF NOT EXISTS split_returns (
    id INTEGER PRIMARY KEY,
    merchant_id TEXT NOT NULL REFERENCES merchants,
    return_no TEXT NOT NULL,
    acquirer_return_no TEXT NOT NULL UNIQUE,
    share_id INTEGER NOT NULL REFERENCES shares,
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
    notify_url TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('PROCESSING', 'SUCCESS', 'FAILED')),
    failure_code TEXT NOT NULL DEFAULT '',
    fate TEXT NOT NULL DEFAULT 'SUCCESS' CHECK (fate IN ('SUCCESS', 'FAILED')),
    created_ms INTEGER NOT NULL,
    due_ms INTEGER NOT NULL,
    done_ms INTEGER,
    UNIQUE (merchant_id, return_no)
) STRICT;
CREATE INDEX IF NOT EXISTS split_returns_due ON split_returns (due_ms) WHERE status = 'PROCESSING';
CREATE INDEX IF NOT EXISTS refunds_by_order ON refunds (order_id);

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
    status TEXT NOT NULL CHECK (status IN
        ('PROCESSING', 'WAIT_USER_CONFIRM', 'SUCCESS', 'FAILED', 'CANCELLED', 'RETURNED')),
    failure_code TEXT NOT NULL DEFAULT '',
    comes_back_ms INTEGER,
    created_ms INTEGER NOT NULL,
    -- While waiting for its payee: when the bank gives up waiting.
    due_ms INTEGER NOT NULL,
    done_ms INTEGER,
    returned_ms INTEGER,
    UNIQUE (merchant_id, transfer_no)
) STRICT;
CREATE INDEX IF NOT EXISTS transfers_due ON transfers (due_ms)
    WHERE status IN ('PROCESSING', 'WAIT_USER_CONFIRM');
CREATE INDEX IF NOT EXISTS transfers_coming_back ON transfers (comes_back_ms)
    WHERE comes_back_ms IS NOT NULL;

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

-- A card's owner looking after what she has signed, after her phone proved who she is.
CREATE TABLE IF NOT EXISTS owner_visits (
    page_token TEXT PRIMARY KEY,
    phone TEXT NOT NULL,
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
    last_answer TEXT NOT NULL DEFAULT '',
    -- How it misbehaves: so many copies more, held until another one left, a flaw of its first tries.
    is_weighed INTEGER NOT NULL DEFAULT 0,
    copies_left INTEGER NOT NULL DEFAULT 0,
    is_held INTEGER NOT NULL DEFAULT 0,
    flaw TEXT NOT NULL DEFAULT '',
    flawed_tries INTEGER NOT NULL DEFAULT 0
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

-- The day book: every movement of a merchant's money, on its Shanghai day (a settlement: on the day
-- whose takings it pays). Bills are read from here.
CREATE TABLE IF NOT EXISTS movements (
    id INTEGER PRIMARY KEY,
    merchant_id TEXT NOT NULL REFERENCES merchants,
    day TEXT NOT NULL,
    bill TEXT NOT NULL CHECK (bill IN ('trade', 'split', 'transfer', 'fund')),
    kind TEXT NOT NULL,
    own_no TEXT NOT NULL,
    acquirer_no TEXT NOT NULL,
    related_no TEXT NOT NULL,
    party TEXT NOT NULL,
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0 OR kind = 'SETTLEMENT'),
    fee_minor INTEGER NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('SUCCESS', 'FAILED')),
    at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS movements_by_day ON movements (merchant_id, day, bill);

-- What the movements of each day still have to be settled for.
CREATE TABLE IF NOT EXISTS takings (
    merchant_id TEXT NOT NULL REFERENCES merchants,
    day TEXT NOT NULL,
    net_minor INTEGER NOT NULL,
    PRIMARY KEY (merchant_id, day)
) STRICT, WITHOUT ROWID;

-- UnionPay's dialect: its key is a number and the instant it was first sent at, together.
CREATE TABLE IF NOT EXISTS unionpay_messages (
    order_id TEXT PRIMARY KEY,
    txn_time TEXT NOT NULL,
    txn_type TEXT NOT NULL,
    sub_type TEXT NOT NULL,
    biz_type TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What WeChat Pay's dialect keeps of an order besides: how it was opened, and whether it may be shared.
CREATE TABLE IF NOT EXISTS wechatpay_orders (
    our_no TEXT PRIMARY KEY,
    trade_type TEXT NOT NULL,
    openid TEXT NOT NULL,
    is_shared INTEGER NOT NULL
) STRICT;

-- Alipay's dialect: a trade exists from the moment its payer opened the page or scanned the code.
CREATE TABLE IF NOT EXISTS alipay_trades (
    order_id INTEGER PRIMARY KEY REFERENCES orders,
    seen_ms INTEGER NOT NULL
) STRICT;

-- Market pay (dialect ccb_hsb): who gets what of an order, fixed when it began; paid out on arrival.
CREATE TABLE IF NOT EXISTS hsb_shares (
    order_id INTEGER NOT NULL REFERENCES orders,
    seq_no INTEGER NOT NULL,
    seller TEXT NOT NULL,
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
    released_ms INTEGER,
    PRIMARY KEY (order_id, seq_no)
) STRICT, WITHOUT ROWID;

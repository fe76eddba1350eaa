-- People who log in. Text is sealed with the account's data key; e-mail address and user name are found by keyed hashes.
CREATE TABLE accounts (
    id BLOB PRIMARY KEY,
    email_key BLOB NOT NULL UNIQUE,
    username_key BLOB NOT NULL UNIQUE,
    email BLOB NOT NULL,
    username BLOB NOT NULL,
    password_hash BLOB NOT NULL,
    own_tenant_id BLOB NOT NULL,
    created_at INTEGER NOT NULL
) WITHOUT ROWID;

-- A deleted tenant stays as an empty row: neither its id nor its slug is ever given again.
CREATE TABLE tenants (
    id BLOB PRIMARY KEY,
    slug_key BLOB UNIQUE,
    slug BLOB,
    name BLOB,
    created_at INTEGER NOT NULL,
    deleted_at INTEGER
) WITHOUT ROWID;

CREATE TABLE memberships (
    tenant_id BLOB NOT NULL,
    account_id BLOB NOT NULL,
    role INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, account_id)
) WITHOUT ROWID;
CREATE INDEX memberships_account ON memberships (account_id, tenant_id);

CREATE TABLE teams (
    id BLOB PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    name BLOB NOT NULL,
    created_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX teams_tenant ON teams (tenant_id, id);

CREATE TABLE team_members (
    team_id BLOB NOT NULL,
    account_id BLOB NOT NULL,
    tenant_id BLOB NOT NULL,
    role INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (team_id, account_id)
) WITHOUT ROWID;
CREATE INDEX team_members_account ON team_members (tenant_id, account_id);

-- A session that ends is deleted with all its refresh tokens.
CREATE TABLE sessions (
    id BLOB PRIMARY KEY,
    account_id BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    user_agent BLOB
) WITHOUT ROWID;
CREATE INDEX sessions_account ON sessions (account_id, id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

-- Used tokens stay while their session lives: a second use gives the theft away.
CREATE TABLE refresh_tokens (
    hash BLOB PRIMARY KEY,
    session_id BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER
) WITHOUT ROWID;
CREATE INDEX refresh_tokens_session ON refresh_tokens (session_id);
CREATE INDEX refresh_tokens_expiry ON refresh_tokens (expires_at);

CREATE TABLE api_keys (
    id BLOB PRIMARY KEY,
    account_id BLOB NOT NULL,
    tenant_id BLOB NOT NULL,
    key_hash BLOB NOT NULL UNIQUE,
    prefix TEXT NOT NULL,
    name BLOB NOT NULL,
    scopes TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    last_used_at INTEGER
) WITHOUT ROWID;
CREATE INDEX api_keys_account ON api_keys (account_id, id);
CREATE INDEX api_keys_tenant ON api_keys (tenant_id, account_id);

CREATE TABLE signing_keys (
    id TEXT PRIMARY KEY,
    private_key BLOB NOT NULL,
    created_at INTEGER NOT NULL
) WITHOUT ROWID;

-- Rows are only added, and leave when they are too old. Ids only, no text.
CREATE TABLE audit_events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    occurred_at INTEGER NOT NULL,
    actor_id BLOB,
    tenant_id BLOB,
    action TEXT NOT NULL,
    target_id BLOB,
    outcome TEXT NOT NULL
);
CREATE INDEX audit_events_tenant ON audit_events (tenant_id, seq);
CREATE INDEX audit_events_time ON audit_events (occurred_at);

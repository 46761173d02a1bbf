-- Times are UTC milliseconds, ids of 128 bits are blobs (random, but for a session's, which begins with the time), hashes are SHA-256.

create table application (
    app_key integer primary key autoincrement,
    app_id text not null unique,
    name text not null,
    access_token_permission text not null,
    allowed_origins text not null, -- JSON list
    is_relay_only integer not null,
    webhook_hosts text not null, -- JSON list of hosts with ports
    max_ringing_ms integer not null default 300000, -- the longest that its calls may ring
    max_connecting_ms integer not null default 300000, -- the longest that they may take to connect
    call_retention_days integer, -- null: for ever
    quality_retention_days integer, -- null: as long as the call
    delivery_retention_days integer not null default 30,
    dial_hook blob, -- the address that is asked before a call rings, sealed
    dial_hook_timeout_ms integer not null default 2000,
    dial_hook_on_failure text not null default 'deny',
    last_token_number integer not null default 1, -- of its API tokens; no number is used again
    created_at integer not null,
    removed_at integer -- when it was deleted: nobody finds it any more, and what belongs to it goes bit by bit
) strict;

create table api_token (
    token_hash blob primary key,
    app_key integer not null references application on delete cascade,
    token_number integer not null, -- 1 is the master's, which signs webhooks
    hint text not null, -- its last four letters
    sealed blob, -- the master's: webhooks are signed with it
    created_at integer not null
) strict, without rowid;
create unique index api_token_app on api_token (app_key, token_number);

create table signing_key (
    signing_key_id integer primary key autoincrement,
    app_key integer not null references application on delete cascade,
    sealed blob not null,
    created_at integer not null,
    retired_at integer
) strict;
create index signing_key_app on signing_key (app_key, signing_key_id);

create table user (
    user_number integer primary key autoincrement, -- order of creation, the cursor of lists
    user_key blob not null unique,
    app_key integer not null references application on delete cascade,
    user_id text not null,
    nickname text not null,
    profile_url text not null,
    is_active integer not null,
    access_token_hash blob,
    access_token_number integer not null, -- counts the access tokens issued
    generation integer not null, -- raised to revoke all session tokens
    has_had_token integer not null,
    has_ever_logged_in integer not null,
    discovery_keys text not null, -- JSON list
    preferred_languages text not null, -- JSON list
    created_at integer not null,
    last_seen_at integer,
    unique (app_key, user_id)
) strict;
create index user_order on user (app_key, user_number);
create index user_nickname on user (app_key, nickname, user_number);

create table user_metadata (
    user_key blob not null references user (user_key) on delete cascade,
    name text not null,
    value text not null,
    primary key (user_key, name)
) strict, without rowid;

create table profile_image (
    image_id blob primary key, -- part of the address, which cannot be guessed
    user_key blob not null unique references user (user_key) on delete cascade,
    content_type text not null,
    bytes blob not null
) strict;

create table session (
    session_id blob primary key,
    key_hash blob not null, -- of the key, which names the session
    user_key blob not null references user (user_key) on delete cascade,
    credential text not null, -- JSON
    created_at integer not null,
    expires_at integer not null
) strict, without rowid;
create index session_user on session (user_key, created_at, expires_at); -- how many there are, and whether some are over, without reading them
create index session_end on session (expires_at);

create table node (
    node_id integer primary key,
    heartbeat_at integer not null
) strict;

create table connection (
    connection_id integer primary key autoincrement,
    node_id integer not null references node on delete cascade,
    session_id blob not null references session on delete cascade,
    user_key blob not null references user (user_key) on delete cascade,
    device_id blob not null,
    since integer not null
) strict;
create index connection_user on connection (user_key);
create index connection_session on connection (session_id);
create index connection_node on connection (node_id);

create table call (
    call_number integer primary key autoincrement,
    app_key integer not null references application on delete cascade,
    call_id blob not null,
    version integer not null,
    body text not null, -- JSON
    started_at integer not null, -- from here to duration_ms: what lists are filtered by, which the body has too
    is_video integer not null,
    deadline_at integer,
    updated_at integer not null,
    ended_at integer,
    end_result text,
    duration_ms integer, -- from accept to end
    changed_seq integer not null unique, -- raised by every change: what other nodes poll
    unique (app_key, call_id)
) strict;
create index call_deadline on call (deadline_at) where deadline_at is not null;
-- Lists walk along one of these, the latest first, and read nothing else: each has all that they filter by.
create index call_list on call (app_key, started_at, call_number, end_result, is_video, ended_at, duration_ms);
create index call_result on call (app_key, end_result, started_at, call_number, is_video, ended_at, duration_ms)
    where end_result is not null;
create index call_live on call (app_key, started_at, call_number, is_video, ended_at) where ended_at is null;

-- The highest changed_seq of a call that is gone: the count goes on from there, or nodes would wait for what they have seen.
create table removed_change (changed_seq integer not null) strict;
insert into removed_change values (0);
create view change_count as
    select max(coalesce((select max(changed_seq) from call), 0), (select changed_seq from removed_change)) as last;

-- The two sides of a call that lives: few rows, and near each other.
create table live_party (
    user_key blob not null,
    started_at integer not null,
    call_number integer not null references call on delete cascade,
    role text not null,
    is_video integer not null,
    other_user_key blob not null,
    device_id blob, -- that carries it: the dialling one, or the one that accepted
    session_id blob, -- by which that device was last there; may be gone, the call outlasts it
    primary key (user_key, started_at, call_number)
) strict, without rowid;
create index live_party_call on live_party (call_number);

-- The same of a call that has ended, which users' lists are read from. Users may be gone, their calls are not. The rows of each user
-- stand together, so that every write is to another page: there is one, as the call ends.
create table call_party (
    user_key blob not null,
    started_at integer not null,
    call_number integer not null references call on delete cascade,
    role text not null,
    is_video integer not null,
    other_user_key blob not null,
    end_result text not null,
    ended_at integer not null,
    duration_ms integer not null,
    primary key (user_key, started_at, call_number)
) strict, without rowid;
create index call_party_call on call_party (call_number);

create table call_event (
    call_number integer not null references call on delete cascade,
    event_number integer not null,
    happened_at integer not null,
    happening text not null,
    role text, -- whose side it is about
    detail text,
    primary key (call_number, event_number)
) strict, without rowid;

-- What the relay carried, in all, for each ticket of a call. The number is the ticket's own, drawn at random: the ticket
-- itself opens the relay and is not kept.
create table relay_usage (
    call_number integer not null references call on delete cascade,
    ticket_number integer not null,
    role text not null,
    to_peer_bytes integer not null,
    to_peer_packets integer not null,
    to_client_bytes integer not null,
    to_client_packets integer not null,
    primary key (call_number, ticket_number)
) strict, without rowid;

-- One row a call that was connected, written by the step that ends it. It stays when the call goes.
create table usage (
    app_key integer not null references application on delete cascade,
    call_id blob not null,
    caller_key blob not null,
    callee_key blob not null,
    is_video integer not null,
    connected_at integer not null,
    ended_at integer not null,
    evidence text not null,
    caller_relayed_bytes integer not null, -- what the relay carried for each side, both ways
    callee_relayed_bytes integer not null,
    call_removed_at integer, -- when retention took the call away
    primary key (app_key, call_id)
) strict, without rowid;
create index usage_time on usage (app_key, connected_at);

-- What reports are read from: the same, summed by day of UTC, for each application and for each user.
create table usage_day (
    app_key integer not null references application on delete cascade,
    day integer not null, -- since 1970-01-01
    calls integer not null, -- that were connected on it
    video_calls integer not null,
    call_ms integer not null,
    added_by_second_ms integer not null, -- by rounding each call up: booked on its last day
    added_by_minute_ms integer not null,
    relayed_bytes integer not null, -- of the calls that were connected on it
    primary key (app_key, day)
) strict, without rowid;

create table usage_user_day (
    app_key integer not null references application on delete cascade,
    day integer not null,
    user_key blob not null, -- may be gone
    calls integer not null,
    video_calls integer not null,
    call_ms integer not null,
    added_by_second_ms integer not null,
    added_by_minute_ms integer not null,
    relayed_bytes integer not null, -- for this side of the calls
    primary key (app_key, day, user_key)
) strict, without rowid;

-- What signs an application's webhooks. One that is retired signs beside its successor for a while.
create table webhook_key (
    webhook_key_id integer primary key autoincrement,
    app_key integer not null references application on delete cascade,
    sealed blob not null,
    created_at integer not null,
    retired_at integer
) strict;
create index webhook_key_app on webhook_key (app_key, webhook_key_id);

-- Where events are told: of an application's calls as it is set up, of one call as its dial asked.
create table webhook (
    webhook_id integer primary key autoincrement,
    app_key integer not null references application on delete cascade,
    call_number integer references call on delete cascade, -- null: the application's own
    is_enabled integer not null,
    host text not null, -- with its port
    sealed blob, -- address and headers; null once the call has ended and nothing is yet to be sent
    enabled_events text not null -- JSON list
) strict;
create index webhook_call on webhook (call_number);
create unique index webhook_own on webhook (app_key) where call_number is null;

-- Events that are told, to be told or given up, written in the transaction of the call's step.
create table outbox (
    event_number integer primary key autoincrement,
    app_key integer not null references application on delete cascade,
    webhook_id integer not null references webhook on delete cascade,
    call_number integer not null references call on delete cascade,
    sequence integer not null, -- from 1 for each webhook and call: the order they are sent in
    category text not null,
    call_body text, -- JSON: the call as the event found it; null once it is delivered
    created_at integer not null,
    state text not null, -- waiting, delivered, dead
    attempts integer not null,
    failures integer not null, -- since it was written or replayed: how long to wait for the next attempt
    last_error text,
    lane text not null, -- application, receiver and a share of the callers: in one lane few are sent at once
    next_attempt_at integer, -- only of the first of its webhook and call that waits
    settled_at integer,
    unique (webhook_id, call_number, sequence)
) strict;
create index outbox_due on outbox (lane, next_attempt_at) where next_attempt_at is not null;
create index outbox_waiting on outbox (event_number) where settled_at is null;
create index outbox_call on outbox (call_number);
create index outbox_state on outbox (app_key, state);
create index outbox_app on outbox (app_key);
create index outbox_settled on outbox (app_key, settled_at) where settled_at is not null;

-- Secrets of the server itself, sealed, each by its name.
create table server_secret (
    name text primary key,
    sealed blob not null,
    created_at integer not null
) strict, without rowid;

-- Where a user without an open page is reached. A device that changes hands takes its row with it.
create table push_token (
    push_token_number integer primary key autoincrement,
    app_key integer not null references application on delete cascade,
    user_key blob not null references user (user_key) on delete cascade,
    service text not null,
    host text not null, -- who takes its messages: the endpoint's host, or the service
    address text not null, -- the token, or the endpoint of a Web Push subscription
    subscription_keys text, -- JSON, of a Web Push subscription
    registration integer not null, -- the order in which the user's tokens were last registered
    unique (app_key, service, address)
) strict;
create index push_token_user on push_token (user_key, registration);

-- What a token is yet to be told of a call: the last word only.
create table push_delivery (
    push_delivery_number integer primary key autoincrement,
    push_token_number integer not null references push_token on delete cascade,
    call_number integer not null references call on delete cascade,
    notice text not null,
    lane text not null, -- 0 if urgent, else 1; the application and the host
    revision integer not null, -- raised when a later word takes an earlier one's place
    attempts integer not null,
    next_attempt_at integer not null,
    expires_at integer not null,
    unique (push_token_number, call_number)
) strict;
create index push_delivery_call on push_delivery (call_number);
create index push_delivery_due on push_delivery (lane, next_attempt_at);
create index push_delivery_end on push_delivery (expires_at);

-- Users who were deleted and whose past calls are yet to forget them.
create table erasure (
    user_key blob primary key,
    app_key integer not null references application on delete cascade,
    started_at integer not null, -- the last call that has forgotten, in the order of call_party
    call_number integer not null
) strict, without rowid;

-- Up to which call measurements were removed, in the order of call_list.
create table quality_retention (
    app_key integer primary key references application on delete cascade,
    started_at integer not null,
    call_number integer not null
) strict;

-- What devices measured. A side has one sample a second of the call at most, however much it says.
create table quality_sample (
    call_number integer not null references call on delete cascade,
    role text not null,
    second integer not null, -- since the call was dialled
    mos_hundredths integer,
    lost_per_mille integer,
    round_trip_ms integer,
    jitter_ms integer,
    sent_bps integer,
    received_bps integer,
    freezes integer,
    primary key (call_number, role, second)
) strict, without rowid;

-- Who may sign in to the dashboard.
create table administrator (
    administrator_number integer primary key autoincrement,
    name text not null unique,
    role text not null,
    password_hash text, -- argon2id, in the form of PHC strings; null: comes by the identity provider
    oidc_subject text unique, -- whom the identity provider means
    totp_secret blob, -- sealed
    pending_totp_secret blob, -- sealed, until a code of it was shown
    totp_step integer not null default 0, -- of the last code that was taken: each is taken once
    created_at integer not null,
    last_signed_in_at integer
) strict;

create table admin_session (
    key_hash blob primary key,
    administrator_number integer not null references administrator on delete cascade,
    created_at integer not null,
    used_at integer not null
) strict, without rowid;
create index admin_session_administrator on admin_session (administrator_number, created_at);

-- What administrators did, or tried to.
create table audit (
    audit_number integer primary key autoincrement,
    happened_at integer not null,
    actor text not null,
    address text,
    action text not null,
    app_id text, -- of an application that may be gone
    target text,
    is_allowed integer not null
) strict;
create index audit_app on audit (app_id, audit_number);
create index audit_actor on audit (actor, audit_number);
create index audit_time on audit (happened_at);

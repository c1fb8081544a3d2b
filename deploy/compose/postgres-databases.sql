-- Runs once, on an empty volume: Slipway and Temporal get a role and databases of their own, and neither can read the
-- other's.
\set ON_ERROR_STOP on
\set slipway_password `cat /run/secrets/slipway_db_password`
\set temporal_password `cat /run/secrets/temporal_db_password`

CREATE ROLE slipway LOGIN PASSWORD :'slipway_password';
CREATE DATABASE slipway OWNER slipway;
REVOKE CONNECT ON DATABASE slipway FROM PUBLIC;

CREATE ROLE temporal LOGIN PASSWORD :'temporal_password';
CREATE DATABASE temporal OWNER temporal;
REVOKE CONNECT ON DATABASE temporal FROM PUBLIC;
CREATE DATABASE temporal_visibility OWNER temporal;
REVOKE CONNECT ON DATABASE temporal_visibility FROM PUBLIC;

#!/bin/sh
# Runs once, when the database is made: the two roles that services connect as. `journeyman migrate` grants what they may do.
set -eu
psql --set ON_ERROR_STOP=1 --username postgres --dbname journeyman \
    --set app="$JOURNEYMAN_APP_PASSWORD" --set integrator="$JOURNEYMAN_INTEGRATOR_PASSWORD" <<'SQL'
create role journeyman_app login password :'app';
create role journeyman_integrator login password :'integrator';
SQL

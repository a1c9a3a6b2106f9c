# The first start makes the accounts that the variables name, before anybody else can log in; then influxd asks for them.
set -eu
export HOME=/tmp INFLUXDB_META_DIR=/var/lib/influxdb/meta INFLUXDB_DATA_DIR=/var/lib/influxdb/data \
  INFLUXDB_DATA_WAL_DIR=/var/lib/influxdb/wal INFLUXDB_BIND_ADDRESS=127.0.0.1:8088
if [ ! -e /var/lib/influxdb/meta/meta.db ]; then
  INFLUXDB_HTTP_AUTH_ENABLED=false INFLUXDB_HTTP_BIND_ADDRESS=127.0.0.1:8087 influxd > /tmp/first.log 2>&1 &
  first=$!
  until curl -fsS http://127.0.0.1:8087/ping; do sleep 0.1; done
  ask() { curl -fsS -o /dev/null --data-urlencode "q=$1" http://127.0.0.1:8087/query; }
  ask "CREATE USER \"$INFLUXDB_ADMIN_USER\" WITH PASSWORD '$INFLUXDB_ADMIN_PASSWORD' WITH ALL PRIVILEGES"
  ask "CREATE DATABASE \"$INFLUXDB_DB\""
  ask "CREATE USER \"$INFLUXDB_READ_USER\" WITH PASSWORD '$INFLUXDB_READ_USER_PASSWORD'"
  ask "GRANT READ ON \"$INFLUXDB_DB\" TO \"$INFLUXDB_READ_USER\""
  kill "$first"
  wait "$first" || true
fi
exec influxd

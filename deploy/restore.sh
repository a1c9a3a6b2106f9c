#!/bin/sh
# Puts back what ./deploy/backup.sh has made. The hub is stopped for it, and started at the end; other services go on.
#   ./deploy/restore.sh <directory> [--force]
# --force: what the hub has is moved aside in its volume, and the history in InfluxDB is replaced: back both up before.
# With docker-compose 1.29: COMPOSE=docker-compose ./deploy/restore.sh …
set -eu
from=${1:?which directory?}
case $from in /*) ;; *) from=$PWD/$from ;; esac
force=${2:-}
cd "$(dirname "$0")/.."
compose=${COMPOSE:-docker compose}
umask 077
# On an empty machine; else what is set up here stays.
if [ ! -e .env ]; then
  cp "$from/env" .env
  # Backups of earlier releases have none.
  grep -q '^GRAFANA_SECRET_KEY=.' .env ||
    echo "GRAFANA_SECRET_KEY=$(LC_ALL=C tr -dc 'A-Za-z0-9' < /dev/urandom | head -c 40)" >> .env
fi
for archive in "$from"/*.tar.gz; do gzip -t "$archive"; done

state='Nothing was replaced.'
trap 'code=$?; [ "$code" -eq 0 ] || echo "The restore failed. $state" >&2' EXIT
again="The backup is whole: run this again, with --force, once the reason is gone."

$compose stop hub
$compose run --rm -T --no-deps hub \
  sh -c 'cat > "$0" && fieldline restore "$@" "$0" < /dev/null; code=$?; rm -f "$0"; exit $code' \
  /var/backups/fieldline/restored.tar.gz $force < "$from/hub.tar.gz" || { $compose start hub; exit 1; }

if [ -e "$from/influxdb.tar.gz" ]; then
  state="The hub has the data of the backup and is stopped; InfluxDB has its own yet. $again"
  $compose up -d influxdb
  ask='influx -username admin -password "$INFLUXDB_ADMIN_PASSWORD" -execute'
  for _ in $(seq 60); do
    if $compose exec -T influxdb sh -c "$ask 'SHOW DATABASES'" > /dev/null 2>&1; then break; fi
    sleep 1
  done
  $compose exec -T influxdb sh -c 'rm -rf "$0" && mkdir "$0" && tar xz -C "$0"' /var/lib/influxdb/backup < "$from/influxdb.tar.gz"
  database=$($compose exec -T influxdb printenv INFLUXDB_DB)
  # Under another name first: what is there goes only for something that can be restored.
  trial=${database}_restoring
  $compose exec -T influxdb sh -c "$ask 'DROP DATABASE \"$trial\"'"
  $compose exec -T influxdb influxd restore -portable -db "$database" -newdb "$trial" /var/lib/influxdb/backup
  $compose exec -T influxdb sh -c "$ask 'DROP DATABASE \"$trial\"'"
  state="The hub has the data of the backup and is stopped; InfluxDB may have lost its own. $again"
  $compose exec -T influxdb sh -c "$ask 'DROP DATABASE \"$database\"'"
  $compose exec -T influxdb influxd restore -portable -db "$database" /var/lib/influxdb/backup
  # The account of Grafana had its right to the database that was dropped.
  $compose exec -T influxdb sh -c "$ask 'GRANT READ ON \"$database\" TO reader'"
  $compose exec -T influxdb rm -r /var/lib/influxdb/backup
fi
state='Everything is restored, but the hub did not start: look at its log.'
$compose up -d hub

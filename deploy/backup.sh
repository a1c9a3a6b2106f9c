#!/bin/sh
# Backs up what docker-compose.yml runs, while it runs: the hub, and then InfluxDB, so that what both have is the same.
#   ./deploy/backup.sh [--without-history] [directory]       by default backups/<time>; it must not exist yet
# --without-history: the hub alone. Where the hub writes to an InfluxDB elsewhere, or to none, this has to be said.
# With docker-compose 1.29: COMPOSE=docker-compose ./deploy/backup.sh
set -eu
without_history=
if [ "${1:-}" = --without-history ]; then
  without_history=yes
  shift
fi
to=${1:-backups/$(date -u +%Y%m%dT%H%M%SZ)}
case $to in /*) ;; *) to=$PWD/$to ;; esac
cd "$(dirname "$0")/.."
compose=${COMPOSE:-docker compose}
if [ -e "$to" ]; then
  echo "$to exists already. Give the backup a directory of its own." >&2
  exit 1
fi

# As the hub itself was told: by .env, by an override, or by the shell.
# shellcheck disable=SC2016
url=$($compose exec -T hub sh -c 'echo "${FIELDLINE_INFLUX_URL:-}"')
# shellcheck disable=SC2016
database=$($compose exec -T hub sh -c 'echo "${FIELDLINE_INFLUX_DATABASE:-fieldline}"')
if [ "${url%/}" != http://influxdb:8086 ] && [ -z "$without_history" ]; then
  echo "The hub writes to '$url', and not to the service influxdb: the history would not be in this backup." >&2
  echo 'Back it up there (influx backup), and the hub by: ./deploy/backup.sh --without-history' >&2
  exit 1
fi

umask 077
part=$to.part
rm -rf "$part"
mkdir -p "$part"
trap 'rm -rf "$part"' EXIT

hub=/var/backups/fieldline/taken.tar.gz
$compose exec -T hub rm -f "$hub"
$compose exec -T hub fieldline backup "$hub"
$compose exec -T hub cat "$hub" > "$part/hub.tar.gz"
$compose exec -T hub rm "$hub"

if [ -z "$without_history" ]; then
  $compose exec -T influxdb sh -c 'rm -rf "$0" && influxd backup -portable -database "$1" "$0" >&2' /var/lib/influxdb/backup "$database"
  $compose exec -T influxdb tar cz -C /var/lib/influxdb/backup . > "$part/influxdb.tar.gz"
  $compose exec -T influxdb rm -r /var/lib/influxdb/backup
fi
# Its passwords, and the admin's token, in whose name commands may wait.
cp .env "$part/env"
# An archive that was cut off on its way does not get its name.
for archive in "$part"/*.tar.gz; do gzip -t "$archive"; done
mv "$part" "$to"
echo "$to"

#!/bin/sh
# Backs up what docker-compose.yml runs, while it runs: the hub, and then InfluxDB, so that what both have is the same.
#   ./deploy/backup.sh [directory]       by default backups/<time>; it must not exist yet
# With docker-compose 1.29: COMPOSE=docker-compose ./deploy/backup.sh
set -eu
to=${1:-backups/$(date -u +%Y%m%dT%H%M%SZ)}
case $to in /*) ;; *) to=$PWD/$to ;; esac
cd "$(dirname "$0")/.."
compose=${COMPOSE:-docker compose}
if [ -e "$to" ]; then
  echo "$to exists already. Give the backup a directory of its own." >&2
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

if grep -q '^INFLUXDB_URL=http://influxdb:8086$' .env; then
  $compose exec -T influxdb sh -c 'rm -rf "$0" && influxd backup -portable -database fieldline "$0" >&2' /var/lib/influxdb/backup
  $compose exec -T influxdb tar cz -C /var/lib/influxdb/backup . > "$part/influxdb.tar.gz"
  $compose exec -T influxdb rm -r /var/lib/influxdb/backup
else
  echo 'The history is in an InfluxDB of its own, and not in this backup: back that up, too (influx backup).' >&2
fi
# Its passwords, and the admin's token, in whose name commands may wait.
cp .env "$part/env"
# An archive that was cut off on its way does not get its name.
for archive in "$part"/*.tar.gz; do gzip -t "$archive"; done
mv "$part" "$to"
echo "$to"

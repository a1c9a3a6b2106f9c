#!/bin/sh
# Makes .env with a random secret for each account of docker-compose.yml. Needs nothing but a shell.
# An .env that is there stays as it is.
set -eu
cd "$(dirname "$0")/.."
if [ -e .env ]; then
  echo '.env is there already, and stays as it is. Remove it to make new secrets: the volumes keep the old ones.' >&2
  exit 1
fi

secret() {
  LC_ALL=C tr -dc 'A-Za-z0-9' < /dev/urandom | head -c "$1"
}

reader=$(secret 32)
umask 077
sed -e "s/^\(FIELDLINE_ADMIN_TOKEN\)=.*/\1=fla_$(secret 43)/" \
  -e "s/^\(INFLUXDB_ADMIN_PASSWORD\)=.*/\1=$(secret 32)/" \
  -e "s/^\(INFLUXDB_READ_PASSWORD\)=.*/\1=$reader/" \
  -e "s/^\(INFLUXDB_READ_TOKEN\)=.*/\1=reader:$reader/" \
  -e "s/^\(INFLUXDB2_TOKEN\)=.*/\1=$(secret 40)/" \
  -e "s/^\(MQTT_HUB_PASSWORD\)=.*/\1=$(secret 32)/" \
  -e "s/^\(MQTT_READER_PASSWORD\)=.*/\1=$(secret 32)/" \
  -e "s/^\(GRAFANA_ADMIN_PASSWORD\)=.*/\1=$(secret 24)/" \
  -e "s/^\(GRAFANA_SECRET_KEY\)=.*/\1=$(secret 40)/" \
  .env.example > .env
echo 'Made .env, with a secret of its own for every account. Keep a copy of it somewhere safe.'

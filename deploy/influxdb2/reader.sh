#!/bin/bash
# Run by the image of InfluxDB 2 once, after its setup, whose server and token the command line finds by itself: an account for
# Grafana that may read the bucket and nothing else. It logs in with `Token reader:<password>`.
set -eu
bucket=$DOCKER_INFLUXDB_INIT_BUCKET_ID
org=$DOCKER_INFLUXDB_INIT_ORG
influx v1 dbrp create --org "$org" --bucket-id "$bucket" --db "$DOCKER_INFLUXDB_INIT_BUCKET" --rp autogen --default > /dev/null
influx v1 auth create --org "$org" --username reader --password "$INFLUXDB_READ_PASSWORD" --read-bucket "$bucket" > /dev/null

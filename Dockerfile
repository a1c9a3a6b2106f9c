# The hub, its command line, the simulator and the serial bridge in one image, for amd64 and arm64:
#   docker build -t fieldline/hub .
#   docker buildx build --platform linux/amd64,linux/arm64 -t … --push .
ARG NODE_IMAGE=docker.io/library/node:24-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY protocol/package.json protocol/
COPY journal/package.json journal/
COPY hub/package.json hub/
COPY hub/bin hub/bin
COPY device-sim/package.json device-sim/
COPY device-sim/bin device-sim/bin
COPY firmware-bridge/package.json firmware-bridge/
COPY firmware-bridge/bin firmware-bridge/bin
COPY dashboards/package.json dashboards/
RUN npm ci
COPY . .
# Types are checked elsewhere. /app/sbom.cdx.json tells what is in the image (CycloneDX).
RUN node scripts/bundle.mjs \
  && node node_modules/vite/bin/vite.js build dashboards/live --sourcemap hidden --logLevel warn \
  && node scripts/keep-external-modules.mjs \
  && node scripts/sbom.mjs \
  && find */bundle dashboards/live/dist -name '*.map' -exec rm {} +

FROM ${NODE_IMAGE}
ENV NODE_ENV=production \
    FIELDLINE_HOST=0.0.0.0 \
    FIELDLINE_PORT=8080 \
    FIELDLINE_DATA=/var/lib/fieldline \
    FIELDLINE_PROFILES=/app/profiles
# Volumes take their owner from here.
RUN install -d -o node -g node -m 0700 /var/lib/fieldline /var/backups/fieldline \
  && ln -s /app/hub/bin/fieldline.cjs /usr/local/bin/fieldline \
  && ln -s /app/device-sim/bin/fieldline-sim.mjs /usr/local/bin/fieldline-sim \
  && ln -s /app/firmware-bridge/bin/fieldline-bridge.cjs /usr/local/bin/fieldline-bridge
WORKDIR /app
COPY --from=build /app/package.json /app/LICENSE /app/sbom.cdx.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/profiles profiles
COPY --from=build /app/hub/package.json hub/
COPY --from=build /app/hub/bin hub/bin
COPY --from=build /app/hub/bundle hub/bundle
COPY --from=build /app/device-sim/package.json device-sim/
COPY --from=build /app/device-sim/bin device-sim/bin
COPY --from=build /app/device-sim/bundle device-sim/bundle
COPY --from=build /app/firmware-bridge/package.json firmware-bridge/
COPY --from=build /app/firmware-bridge/bin firmware-bridge/bin
COPY --from=build /app/firmware-bridge/bundle firmware-bridge/bundle
COPY --from=build /app/dashboards/package.json dashboards/
COPY --from=build /app/dashboards/live/dist dashboards/live/dist
USER node
VOLUME /var/lib/fieldline
EXPOSE 8080 1883
# Ready: readings can be made durable. A sink that is away does not make it unhealthy.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
  CMD ["node", "/app/hub/bin/healthy.cjs"]
STOPSIGNAL SIGTERM
CMD ["fieldline", "start", "--no-secrets"]

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
# What is in the image is told by /app/sbom.cdx.json (CycloneDX). Sources stay behind: the image runs what was built.
RUN node scripts/build.mjs hub device-sim firmware-bridge \
  && npm prune --omit=dev \
  && npm sbom --package-lock-only --omit=dev --sbom-format=cyclonedx > sbom.cdx.json \
  && rm -rf bench test docs scripts deploy dashboards/live/src */src tsconfig*.json *.config.ts biome.json \
  && find . -path ./node_modules -prune -o \( -name '*.test.*' -o -name '*.tsbuildinfo' -o -name '*.map' \) -type f -print0 \
   | xargs -0 rm -f

FROM ${NODE_IMAGE}
ENV NODE_ENV=production \
    FIELDLINE_HOST=0.0.0.0 \
    FIELDLINE_PORT=8080 \
    FIELDLINE_DATA=/var/lib/fieldline \
    FIELDLINE_PROFILES=/app/profiles
RUN install -d -o node -g node -m 0700 /var/lib/fieldline \
  && ln -s /app/hub/bin/fieldline.cjs /usr/local/bin/fieldline \
  && ln -s /app/device-sim/bin/fieldline-sim.mjs /usr/local/bin/fieldline-sim \
  && ln -s /app/firmware-bridge/bin/fieldline-bridge.cjs /usr/local/bin/fieldline-bridge
COPY --from=build /app /app
WORKDIR /app
USER node
VOLUME /var/lib/fieldline
EXPOSE 8080 1883
# Ready: readings can be made durable. A sink that is away does not make it unhealthy.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "/app/hub/bin/healthy.cjs"]
STOPSIGNAL SIGTERM
CMD ["fieldline", "start", "--no-secrets"]

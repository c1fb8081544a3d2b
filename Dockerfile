# Slipway as an image: `docker build -t slipway:0.5.0 .`
# One image for every process; the command chooses: migrate, server, worker.

FROM node:20.20.2-bookworm-slim AS build
WORKDIR /build
# No package's own install script runs: what the image holds is what the lock file names.
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run build
# Optional packages are the PostgreSQL of `slipway start`, which has no use beside DATABASE_URL.
RUN npm prune --omit=dev --omit=optional --ignore-scripts
# Temporal's native part for other systems: 80 MB that no container loads.
RUN rm -rf node_modules/@temporalio/core-bridge/releases/*-apple-darwin node_modules/@temporalio/core-bridge/releases/*-windows-msvc

FROM node:20.20.2-bookworm-slim
# No SLIPWAY_CONFIG: a file that it names counts as what the operator wants, and doctor would advise to publish the
# policy that ships over yours. Without it that one is found all the same, where nothing else is.
ENV NODE_ENV=production \
    NODE_OPTIONS=--max-old-space-size=512 \
    TZ=UTC \
    SLIPWAY_DATA_DIR=/tmp/slipway
WORKDIR /app
# Owned by root and not writable for the user below; the file system may be mounted read-only with a tmpfs on /tmp.
COPY --from=build /build/package.json ./
COPY --from=build /build/node_modules ./node_modules
COPY --from=build /build/dist ./dist
COPY config ./config
USER 10001:10001
EXPOSE 8787 8788 8789
STOPSIGNAL SIGTERM
# The edge's liveness; a worker sets SLIPWAY_HEALTH_URL to its own. Node asks, since the image needs no curl and no shell.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(process.env.SLIPWAY_HEALTH_URL ?? 'http://127.0.0.1:8787/healthz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/main/cli.js"]
CMD ["server"]

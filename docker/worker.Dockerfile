# The worker: takes jobs from the queue and starts one fetcher container for each.
#   docker build -f docker/worker.Dockerfile --target production examples/platform

ARG BUN_VERSION=1.4.5

FROM oven/bun:${BUN_VERSION}-slim AS base
WORKDIR /app
# The release of Debian is fixed by the tag of the base; a package pinned below it would only go missing one day.
# hadolint ignore=DL3008
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \
    --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \
    apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && chown 1000:1000 /app

# The runtime layer, which all images of the platform share: bun, the libraries that it loads, users, certificates.
# Its text is the same in every Dockerfile and its times are fixed, so every build gives the same layer.
FROM base AS rootfs
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
RUN <<'SHELL'
mkdir -p /rootfs/app /rootfs/etc /rootfs/tmp /rootfs/usr/bin /rootfs/usr/lib /rootfs/usr/lib64 /rootfs/usr/sbin
chmod 1777 /rootfs/tmp
for name in bin lib lib64 sbin; do ln -s "usr/$name" "/rootfs/$name"; done
libraries=$(ldd /usr/local/bin/bun | grep -o '/[^ ]*')
for file in /usr/local/bin/bun $libraries; do
  folder="/rootfs$(readlink -f "$(dirname "$file")")"
  mkdir -p "$folder"
  cp -L "$file" "$folder/"
done
cp -L --parents /etc/ssl/certs/ca-certificates.crt /rootfs
echo 'hosts: files dns' > /rootfs/etc/nsswitch.conf
printf '%s\n' 'root:x:0:0:root:/:/sbin/nologin' 'app:x:1000:1000:app:/app:/sbin/nologin' > /rootfs/etc/passwd
printf '%s\n' 'root:x:0:' 'app:x:1000:' > /rootfs/etc/group
find /rootfs -exec touch --no-dereference --date=@0 {} +
SHELL

FROM scratch AS runtime
COPY --from=rootfs /rootfs /
ENV NODE_ENV=production HOME=/tmp BUN_RUNTIME_TRANSPILER_CACHE_PATH=0
WORKDIR /app
STOPSIGNAL SIGTERM
USER 1000:1000

# What the lock file names, nothing else. The secrets are for machines behind a registry mirror or an inspecting proxy;
# both are optional and in no layer.
FROM base AS deps
USER 1000:1000
COPY --chown=1000:1000 package.json bun.lock ./
COPY --chown=1000:1000 shared/package.json shared/
COPY --chown=1000:1000 worker/package.json worker/
RUN --mount=type=cache,target=/home/bun/.bun/install/cache,uid=1000,gid=1000 \
    --mount=type=secret,id=ca,target=/etc/ssl/certs/ca-certificates.crt,mode=0444 \
    --mount=type=secret,id=npmrc,target=/home/bun/.npmrc,uid=1000 \
    NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt \
    bun install --frozen-lockfile --production

FROM deps AS build
COPY --chown=1000:1000 . .
RUN bun build --target=bun --minify --outdir=/app/out worker/src/main.ts worker/src/health.ts \
    && find out -exec touch --date=@0 {} +

# For work on the sources: a shell, tar and getent for tools that sync files into a running container.
FROM deps AS dev
ENV NODE_ENV=development
COPY --chown=1000:1000 . .
# The health check has the same name as in production, and runs the sources that lie there now.
RUN echo 'import "./worker/src/health.ts";' > health.js
STOPSIGNAL SIGTERM
CMD ["bun", "--hot", "worker/src/main.ts"]

FROM runtime AS production
LABEL org.opencontainers.image.title="worker" \
      org.opencontainers.image.description="Queue worker of the reference platform" \
      org.opencontainers.image.source="https://github.com/bunops/platform" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build --chown=0:0 /app/out /app
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --start-interval=1s --retries=3 \
    CMD ["bun", "/app/health.js"]
CMD ["bun", "/app/main.js"]

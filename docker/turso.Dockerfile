# The libSQL server (sqld) on the runtime layer, whose bun does the health check.
#   docker build -f docker/turso.Dockerfile docker

ARG LIBSQL_VERSION=v0.24.32
ARG BUN_VERSION=1.4.5

FROM ghcr.io/tursodatabase/libsql-server:${LIBSQL_VERSION} AS sqld

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

# The server and the libraries that it loads beyond those of the runtime layer.
FROM base AS server
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
COPY --from=sqld /bin/sqld /usr/local/bin/sqld
RUN <<'SHELL'
mkdir -p /rootfs/usr/local/bin /rootfs/var/lib/sqld
cp /usr/local/bin/sqld /rootfs/usr/local/bin/
cp -L --parents /usr/lib/*/libgcc_s.so.1 /rootfs
# An empty named volume takes over the owner of the directory that it covers.
chown 1000:1000 /rootfs/var/lib/sqld
find /rootfs -exec touch --date=@0 {} +
SHELL

FROM runtime AS production
LABEL org.opencontainers.image.title="turso" \
      org.opencontainers.image.description="libSQL server of the reference platform" \
      org.opencontainers.image.source="https://github.com/bunops/platform" \
      org.opencontainers.image.licenses="MIT"
COPY --from=server /rootfs /
WORKDIR /var/lib/sqld
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --start-interval=1s --retries=3 \
    CMD ["bun", "-e", "await fetch(`http://127.0.0.1:${process.env.PORT ?? 8080}/health`, { signal: AbortSignal.timeout(2500) }).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["sqld", "--http-listen-addr", "0.0.0.0:8080", "--db-path", "/var/lib/sqld/data", "--no-welcome"]

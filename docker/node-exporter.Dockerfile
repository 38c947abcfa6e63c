# Prometheus' node exporter from Debian, on the runtime layer, whose bun asks it how it is.
#   docker build -f docker/node-exporter.Dockerfile docker

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

FROM base AS exporter
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
# hadolint ignore=DL3008
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \
    --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \
    apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends prometheus-node-exporter
# The C library, which is all that it loads, is in the runtime layer.
RUN mkdir -p /rootfs/usr/bin && cp -p /usr/bin/prometheus-node-exporter /rootfs/usr/bin/ \
    && find /rootfs -exec touch --date=@0 {} +

FROM runtime AS production
LABEL org.opencontainers.image.title="node-exporter" \
      org.opencontainers.image.description="Tells Prometheus what files say, such as how old backups are" \
      org.opencontainers.image.source="https://github.com/bunops/platform" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=exporter /rootfs /
EXPOSE 9100
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --start-interval=1s --retries=3 \
    CMD ["bun", "-e", "fetch('http://127.0.0.1:9100/').then(r=>process.exit(r.ok?0:1),()=>process.exit(1))"]
CMD ["/usr/bin/prometheus-node-exporter", "--collector.disable-defaults", "--collector.textfile", \
     "--collector.textfile.directory=/textfile"]

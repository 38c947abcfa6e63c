# Prometheus from Debian, with nothing else in the image.
#   docker build -f docker/prometheus.Dockerfile docker

FROM debian:bookworm-slim AS build
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
# The release of Debian is fixed by the tag of the base; a package pinned below it would only go missing one day.
# hadolint ignore=DL3008
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \
    --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \
    apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends ca-certificates prometheus
RUN <<'SHELL'
mkdir -p /rootfs/data /rootfs/etc/prometheus /rootfs/tmp /rootfs/usr/bin /rootfs/usr/lib /rootfs/usr/lib64 /rootfs/usr/sbin
for name in bin lib lib64 sbin; do ln -s "usr/$name" "/rootfs/$name"; done
set -- /usr/bin/prometheus /usr/bin/promtool
libraries=$(ldd "$@" | grep -o '/[^ :]* ' | sort -u)
for file in "$@" $libraries; do
  folder="/rootfs$(readlink -f "$(dirname "$file")")"
  mkdir -p "$folder"
  cp -L "$file" "$folder/"
done
cp -L --parents /etc/ssl/certs/ca-certificates.crt /rootfs
# The pages, which Debian keeps beside the program, and the libraries that they link to.
cp -rL --parents /usr/share/prometheus/web /rootfs
echo 'hosts: files dns' > /rootfs/etc/nsswitch.conf
printf '%s\n' 'root:x:0:0:root:/:/sbin/nologin' 'app:x:1000:1000:app:/data:/sbin/nologin' > /rootfs/etc/passwd
printf '%s\n' 'root:x:0:' 'app:x:1000:' > /rootfs/etc/group
chmod 1777 /rootfs/tmp
# An empty named volume takes over the owner of the directory that it covers.
chown 1000:1000 /rootfs/data
find /rootfs -exec touch --no-dereference --date=@0 {} +
SHELL

FROM scratch AS production
LABEL org.opencontainers.image.title="prometheus" \
      org.opencontainers.image.description="Prometheus server of the platform's monitoring" \
      org.opencontainers.image.source="https://github.com/bunops/platform" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /rootfs /
WORKDIR /data
USER 1000:1000
EXPOSE 9090
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --start-interval=1s --retries=3 \
    CMD ["promtool", "query", "instant", "http://127.0.0.1:9090", "vector(1)"]
ENTRYPOINT ["/usr/bin/prometheus"]
CMD ["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/data"]

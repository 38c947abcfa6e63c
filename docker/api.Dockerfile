# The API: accepts jobs over HTTP.
#   docker build -f docker/api.Dockerfile --target production examples/platform

ARG BUN_VERSION=1.4.5

FROM oven/bun:${BUN_VERSION}-slim AS base
WORKDIR /app
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \
    --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \
    apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates

# The files of the runtime layer: bun, the libraries that it loads, users, certificates. Times are fixed, so that every
# build of this text gives the same layer, which all images of the platform share.
FROM base AS rootfs
RUN mkdir -p /rootfs/etc /rootfs/usr/bin /rootfs/usr/lib /rootfs/usr/lib64 /rootfs/usr/sbin /rootfs/app /rootfs/tmp \
    && for name in bin lib lib64 sbin; do ln -s "usr/$name" "/rootfs/$name"; done \
    && ldd /usr/local/bin/bun | grep -o '/[^ ]*' > /tmp/files \
    && echo /usr/local/bin/bun >> /tmp/files \
    && find /usr/lib -name 'libnss_dns.so.2' -o -name 'libnss_files.so.2' -o -name 'libresolv.so.2' >> /tmp/files \
    && while read -r file; do \
         folder="/rootfs$(readlink -f "$(dirname "$file")")"; mkdir -p "$folder"; cp -L "$file" "$folder/"; \
       done < /tmp/files \
    && cp -L --parents /etc/ssl/certs/ca-certificates.crt /rootfs \
    && echo 'hosts: files dns' > /rootfs/etc/nsswitch.conf \
    && printf '%s\n' 'root:x:0:0:root:/:/sbin/nologin' 'app:x:1000:1000:app:/app:/sbin/nologin' > /rootfs/etc/passwd \
    && printf '%s\n' 'root:x:0:' 'app:x:1000:' > /rootfs/etc/group \
    && chown 1000:1000 /rootfs/app && chmod 1777 /rootfs/tmp \
    && find /rootfs -exec touch --no-dereference --date=@0 {} +

FROM scratch AS runtime
COPY --from=rootfs /rootfs /
ENV NODE_ENV=production HOME=/tmp SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
WORKDIR /app
STOPSIGNAL SIGTERM
USER 1000:1000

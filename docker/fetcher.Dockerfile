# The fetcher: opens one page in a sandboxed headless browser, prints what it found as JSON, and ends.
#   docker build -f docker/fetcher.Dockerfile --target production examples/platform
# Chromium's sandbox needs user namespaces: run it with --security-opt seccomp=docker/seccomp/chrome.json.

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

# The browser: Debian's headless shell, the fonts that pages expect, and of their dependencies only what is loaded.
FROM base AS chromium
# hadolint ignore=DL3008
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \
    --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \
    rm -f /etc/apt/apt.conf.d/docker-clean \
    && apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get -o APT::Keep-Downloaded-Packages=true install --yes --no-install-recommends \
       chromium-headless-shell fontconfig fonts-dejavu-core fonts-liberation2 fonts-noto-color-emoji \
    && ln -s /usr/lib/chromium/chromium-headless-shell /usr/local/bin/chromium

FROM chromium AS browser
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
RUN <<'SHELL'
# NSS finds its modules by name at run time, so ldd does not list them.
chrome=/usr/lib/chromium
set -- "$chrome"/{chromium-headless-shell,libEGL.so,libGLESv2.so,libvk_swiftshader.so,libvulkan.so.1} \
  /usr/lib/*/lib{softokn3,freebl3,freeblpriv3,nssckbi}.so
libraries=$(ldd "$@" | grep -o '/[^ :]* ' | sort -u)
for file in "$@" $libraries; do
  folder="/rootfs$(readlink -f "$(dirname "$file")")"
  mkdir -p "$folder"
  cp -L "$file" "$folder/"
done
cp -r --parents "$chrome"/{headless_*.pak,icudtl.dat,v8_context_snapshot.bin,vk_swiftshader_icd.json} \
  /etc/fonts /usr/share/fontconfig /usr/share/fonts/truetype /rootfs
# Of what the runtime layer has already, no second copy.
for file in libc.so.6 libm.so.6 libdl.so.2 libpthread.so.0; do rm -f /rootfs/usr/lib/*/"$file"; done
rm -rf /rootfs/usr/lib64
find /rootfs -exec touch --no-dereference --date=@0 {} +
fc-cache --really-force --sysroot /rootfs
find /rootfs/var -exec touch --date=@0 {} +
SHELL

# What the lock file names, nothing else. The secrets are for machines behind a registry mirror or an inspecting proxy;
# both are optional and in no layer.
FROM base AS deps
USER 1000:1000
COPY --chown=1000:1000 package.json bun.lock ./
COPY --chown=1000:1000 shared/package.json shared/
COPY --chown=1000:1000 fetcher/package.json fetcher/
RUN --mount=type=cache,target=/home/bun/.bun/install/cache,uid=1000,gid=1000 \
    --mount=type=secret,id=ca,target=/etc/ssl/certs/ca-certificates.crt,mode=0444 \
    --mount=type=secret,id=npmrc,target=/home/bun/.npmrc,uid=1000 \
    NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt \
    bun install --frozen-lockfile --production

FROM deps AS build
COPY --chown=1000:1000 . .
RUN bun build --target=bun --minify --outdir=/app/out fetcher/src/main.ts \
    && find out -exec touch --date=@0 {} +

FROM runtime AS browser-runtime
COPY --from=browser /rootfs /
ENV CHROMIUM_PATH=/usr/lib/chromium/chromium-headless-shell

# For work on the sources: a shell, tar and getent for tools that sync files into a running container.
FROM chromium AS dev
ENV NODE_ENV=development CHROMIUM_PATH=/usr/lib/chromium/chromium-headless-shell
COPY --from=deps --chown=1000:1000 /app /app
COPY --chown=1000:1000 . .
USER 1000:1000
STOPSIGNAL SIGTERM
ENTRYPOINT ["bun", "fetcher/src/main.ts"]

FROM browser-runtime AS production
LABEL org.opencontainers.image.title="fetcher" \
      org.opencontainers.image.description="Page fetcher of the reference platform" \
      org.opencontainers.image.source="https://github.com/bunops/platform" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build --chown=0:0 /app/out /app
# One-shot: it ends by itself within its time limit, so there is no state to check.
HEALTHCHECK NONE
ENTRYPOINT ["bun", "/app/main.js"]

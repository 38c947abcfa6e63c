# Prometheus from Debian, with nothing else in the image.

FROM debian:bookworm-slim AS build
# The release of Debian is fixed by the tag of the base; a package pinned below it would only go missing one day.
# hadolint ignore=DL3008
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \
    --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \
    apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends prometheus
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
RUN mkdir /rootfs \
    && ldd /usr/bin/prometheus | grep -o '/[^ ]*' | xargs cp -L --parents --target-directory=/rootfs /usr/bin/prometheus

FROM scratch
COPY --from=build /rootfs /
USER 1000:1000
ENTRYPOINT ["/usr/bin/prometheus"]

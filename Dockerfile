# Portcullis for the CPU, with the bundled model. The image holds the binary, ONNX Runtime
# and, of Debian, three libraries and the CA certificates: no shell, no package manager.
#
#   docker build --build-arg VERSION=$(git describe --tags --always) --tag portcullis .
#   docker run --rm --read-only --cap-drop ALL --security-opt no-new-privileges --network host portcullis
#
# It listens on loopback only, like the binary; docs/operations.md says how to open it.
# `make image-test` builds it on stand-ins of the two bases and tries all that is said here.

ARG GOLANG=golang:1.26.8-bookworm@sha256:dc9ad6c05acc7a88e5b71bde60a5fe3bd4b9f0db209011711b464107438a8107
ARG NODE=node:22.22.0-bookworm-slim@sha256:dd9d21971ec4395903fa6143c2b9267d048ae01ca6d3ea96f16cb30df6187d94

# ONNX Runtime, each file compared with the digest in tools/onnxruntime/fetch.lock.
FROM ${NODE} AS onnxruntime
WORKDIR /fetch
COPY scripts/fetch.sh scripts/lib.sh scripts/
COPY tools/onnxruntime tools/onnxruntime
# A registry of one's own is named in an npmrc that no layer keeps: --secret id=npmrc,src=...
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc \
    PORTCULLIS_CACHE=/cache scripts/fetch.sh onnxruntime && mv /cache/onnxruntime/*/* /onnxruntime

FROM ${GOLANG} AS build
# A Go module proxy of one's own; unset, Go's default.
ARG GOPROXY
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
ARG VERSION=devel
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=1 go build -trimpath -buildvcs=false -o /out/portcullis \
      -ldflags "-s -w -X github.com/portcullis-ai/portcullis/internal/build.version=${VERSION}" ./cmd/portcullis

# The rest of the root file system, and the list of all that the image holds.
FROM build AS root
COPY --from=onnxruntime /onnxruntime /rootfs/opt/portcullis/lib
RUN deploy/image/rootfs.sh /rootfs ca-certificates libc6 libgcc-s1 libstdc++6
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    go run -C tools/sbom . -version "${VERSION}" -binary /out/portcullis -root /rootfs -lock /src/tools/onnxruntime/fetch.lock \
      -model /src/model/bundled/manifest.json >/tmp/sbom.cdx.json && \
    install -m 444 /tmp/sbom.cdx.json /src/LICENSE /src/NOTICE -D -t /rootfs/usr/share/doc/portcullis

FROM scratch
ARG VERSION=devel
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Portcullis" \
      org.opencontainers.image.description="A guard for AI agents: may this text pass?" \
      org.opencontainers.image.source="https://github.com/portcullis-ai/portcullis" \
      org.opencontainers.image.documentation="https://github.com/portcullis-ai/portcullis/blob/main/docs/operations.md" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=root /rootfs /
COPY --from=build /out/portcullis /opt/portcullis/bin/portcullis
ENV PATH=/opt/portcullis/bin \
    PORTCULLIS_CACHE=/var/cache/portcullis \
    PORTCULLIS_MODELS_DIR=/models \
    PORTCULLIS_LOG_FORMAT=json
USER 10001:10001
EXPOSE 50051 9090
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 CMD ["/opt/portcullis/bin/portcullis", "healthcheck"]
ENTRYPOINT ["/opt/portcullis/bin/portcullis"]
CMD ["serve"]

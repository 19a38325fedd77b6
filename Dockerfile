# The image: one static program, nothing else. It runs as an ordinary user on a read-only
# root; what it keeps is in /data.
#
#   docker build --build-arg VERSION="$(git describe --tags --always)" -t deskmate .
#
# GO_IMAGE and NODE_IMAGE may name other images with the same tools. GOPROXY and
# NPM_CONFIG_REGISTRY are for networks that reach the modules elsewhere.
ARG GO_IMAGE=golang:1.26
ARG NODE_IMAGE=node:20

# The pages.
FROM ${NODE_IMAGE} AS web
ARG NPM_CONFIG_REGISTRY
WORKDIR /src/web
COPY web/package.json web/package-lock.json web/.npmrc ./
RUN npm ci
COPY web/ ./
RUN npm run build

# The program, with the pages inside.
FROM ${GO_IMAGE} AS go
ARG GOPROXY
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=web /src/web/dist/ web/dist/
ARG VERSION=dev
RUN --mount=type=cache,id=deskmate-go-build,target=/root/.cache/go-build \
    CGO_ENABLED=0 go build -trimpath -buildvcs=false -tags nomsgpack \
      -ldflags "-s -w -X main.version=${VERSION}" -o /out/deskmate ./cmd/deskmate \
    && mkdir -p /out/root/data /out/root/tmp \
    && chmod 700 /out/root/data \
    && chmod 1777 /out/root/tmp

# What runs. CA certificates and time zones are inside the program.
FROM scratch AS run
ARG VERSION=dev
LABEL org.opencontainers.image.title="Deskmate" \
      org.opencontainers.image.description="A self-hosted employee service desk for WeCom" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}"
# The two folders that may be written belong to the user below; the program is root's.
COPY --from=go --chown=65532:65532 /out/root/ /
COPY --from=go /out/deskmate /deskmate
ENV DESKMATE_DATA_DIR=/data
USER 65532:65532
WORKDIR /data
VOLUME ["/data"]
EXPOSE 8080
# Ready means that the database is there and its schema is this program's.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["/deskmate", "health"]
ENTRYPOINT ["/deskmate"]
CMD ["serve"]

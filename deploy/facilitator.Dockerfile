# The facilitator example in an image that holds nothing else: a program that is
# linked statically, no shell, no CA files (irclog brings the public authorities
# with it), another user than root, a disk that may be read-only.
#
#   docker build -f deploy/facilitator.Dockerfile -t facilitator .
FROM rust:1.95-slim-bookworm AS build
WORKDIR /src
COPY . .
ENV RUSTFLAGS="-C target-feature=+crt-static"
# Named, so that the flags are those of the program and not of the macros.
RUN cargo build --release --locked --target x86_64-unknown-linux-gnu \
    -p irclog-examples --example facilitator \
    && mkdir /state

FROM scratch
COPY --from=build /src/target/x86_64-unknown-linux-gnu/release/examples/facilitator /facilitator
# What outlives a restart, where a volume is mounted at it: a new one takes its
# owner from here.
COPY --from=build --chown=10001:10001 /state /var/lib/irclog
USER 10001:10001
ENV SERVE_ADDRESS=0.0.0.0:8402
EXPOSE 8402
ENTRYPOINT ["/facilitator"]

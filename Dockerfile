# Two stages, so that no build tool is in the image that runs. The same Python as the tests use.

FROM python:3.11-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
COPY requirements.lock requirements-build.lock ./
RUN python -m venv /opt/netbot \
    && /opt/netbot/bin/pip install --require-hashes --only-binary :all: -r requirements.lock
RUN python -m venv /opt/build \
    && /opt/build/bin/pip install --require-hashes --only-binary :all: -r requirements-build.lock
COPY pyproject.toml LICENSE README.md ./
COPY rules/moment.yaml rules/nonsense.yaml rules/values.example.yaml rules/
COPY netbot netbot
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --no-index --wheel-dir /opt/wheel . \
    && /opt/netbot/bin/pip install --no-deps --no-index /opt/wheel/*.whl

FROM python:3.11-slim-bookworm
LABEL org.opencontainers.image.title="netbot" \
      org.opencontainers.image.licenses="Apache-2.0"
# The folders belong to netbot before they become volumes: a new named volume takes that over.
RUN groupadd --gid 10001 netbot \
    && useradd --uid 10001 --gid 10001 --create-home --home-dir /home/netbot --shell /usr/sbin/nologin netbot \
    && install --directory --owner=netbot --group=netbot --mode=0700 \
       /home/netbot/config /home/netbot/rules /home/netbot/secrets /home/netbot/data
COPY --from=build /opt/netbot /opt/netbot
ENV PATH=/opt/netbot/bin:$PATH \
    NETBOT_HOME=/home/netbot \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER 10001:10001
WORKDIR /home/netbot
VOLUME ["/home/netbot/config", "/home/netbot/rules", "/home/netbot/secrets", "/home/netbot/data"]
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=60s --timeout=15s --start-period=60s --retries=3 CMD ["netbot", "health"]
ENTRYPOINT ["netbot"]
CMD ["run"]

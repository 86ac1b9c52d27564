# One image, every process: docker run vitrine api | gateway | purger | relay | migrate | import …
FROM python:3.11-slim AS build
WORKDIR /app
RUN python -m venv /app/.venv
COPY requirements.lock ./
RUN .venv/bin/pip install --no-cache-dir --no-deps --require-hashes --requirement requirements.lock
COPY LICENSE README.md pyproject.toml ./
COPY api api
COPY catalog catalog
COPY console console
COPY edge edge
COPY gateway gateway
COPY imaging imaging
COPY migrations migrations
COPY purger purger
COPY relay relay
COPY serving serving
COPY vitrine vitrine
RUN .venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation .
RUN .venv/bin/vitrine sbom --check > .venv/sbom.cdx.json

FROM python:3.11-slim
# two arenas keep resident memory flat under many rendering threads
ENV MALLOC_ARENA_MAX=2 PYTHONUNBUFFERED=1 PATH=/app/.venv/bin:$PATH \
    VITRINE_HOME=/var/lib/vitrine VITRINE_API_HOST=0.0.0.0 VITRINE_GATEWAY_HOST=0.0.0.0 \
    VITRINE_PURGER_HOST=0.0.0.0 VITRINE_RELAY_HOST=0.0.0.0
RUN useradd --system --home-dir /var/lib/vitrine --create-home vitrine
COPY --from=build /app/.venv /app/.venv
USER vitrine
EXPOSE 8000 8001 8002 8003
VOLUME /var/lib/vitrine
ENTRYPOINT ["vitrine"]
CMD ["--help"]

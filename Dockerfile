# One image for every service and role: `docker run IMAGE serve customers --role worker`.
# It runs as nobody in particular, with a read-only root; only /tmp is written.

FROM node:24-bookworm-slim AS console
WORKDIR /build/web
COPY web/package.json web/package-lock.json ./
RUN npm ci
COPY web ./
RUN npm run build

FROM python:3.11-slim-bookworm AS packages
RUN pip install --no-cache-dir "uv>=0.9,<1"
WORKDIR /build
COPY . .
ENV UV_PROJECT_ENVIRONMENT=/opt/rapport UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy
RUN uv sync --frozen --no-dev --no-editable --compile-bytecode --package rapport-host

FROM python:3.11-slim-bookworm
COPY --from=packages /opt/rapport /opt/rapport
COPY --from=console /build/web/dist /opt/rapport/console
ENV PATH=/opt/rapport/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    MALLOC_ARENA_MAX=2 \
    HOME=/tmp \
    TMPDIR=/tmp \
    RAPPORT_DATA=/tmp/rapport \
    RAPPORT_CONSOLE=/opt/rapport/console \
    RAPPORT_HOST=0.0.0.0 \
    RAPPORT_PORT=8080 \
    RAPPORT_METRICS_PORT=9464
USER 10001:10001
EXPOSE 8080 9464
ENTRYPOINT ["rapport"]
CMD ["--help"]

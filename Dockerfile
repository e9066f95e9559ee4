# The bot as a container: `docker build -t equipoise .`, then run it with a config file and a volume for its journal.
FROM python:3.11-slim AS build
WORKDIR /src
COPY requirements requirements
COPY pyproject.toml README.md ./
COPY engine engine
COPY bot bot
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements/base.txt \
 && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements/spreadsheet.txt \
 && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements/pictures.txt \
 && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements/build.txt \
 && /venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation . \
 && /venv/bin/pip uninstall --yes setuptools wheel

FROM python:3.11-slim
COPY --from=build /venv /venv
RUN useradd --create-home --uid 10001 equipoise
USER equipoise
VOLUME /home/equipoise/.local/share/equipoise
ENTRYPOINT ["/venv/bin/equipoise"]
CMD ["run", "/config/config.toml"]

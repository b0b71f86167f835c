FROM python:3.11-slim AS build
WORKDIR /src
COPY pyproject.toml requirements.lock README.md LICENSE ./
COPY bot bot
COPY commands commands
COPY config config
RUN python -m venv /opt/quarterdeck \
    && /opt/quarterdeck/bin/pip install --no-cache-dir --constraint requirements.lock ".[postgresql]"

FROM python:3.11-slim
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin quarterdeck \
    && install --directory --owner=10001 --group=10001 /data
COPY --from=build /opt/quarterdeck /opt/quarterdeck
ENV PATH=/opt/quarterdeck/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER 10001:10001
EXPOSE 8080
ENTRYPOINT ["quarterdeck"]
CMD ["run", "--config", "/etc/quarterdeck/quarterdeck.yaml"]

# Two stages: the first installs, the second only runs. Both have the same Python in the same place, so the virtual
# environment can be carried over.
FROM python:3.11-slim-bookworm AS build

WORKDIR /src
COPY requirements.lock ./
# The final image has Debian's ffmpeg, which gets security updates: the one inside imageio-ffmpeg is left behind.
RUN python -m venv /opt/reelcord \
    && /opt/reelcord/bin/python -m pip install --no-cache-dir --disable-pip-version-check --requirement requirements.lock \
    && rm -r /opt/reelcord/lib/python3.11/site-packages/imageio_ffmpeg/binaries
COPY pyproject.toml README.md LICENSE ./
COPY bot ./bot
COPY cogs ./cogs
RUN /opt/reelcord/bin/python -m pip install --no-cache-dir --disable-pip-version-check --no-deps .


FROM python:3.11-slim-bookworm

RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ffmpeg \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --uid 1000 --user-group --no-create-home --shell /usr/sbin/nologin reelcord \
    && install --directory --owner=reelcord --group=reelcord --mode=0700 /data
COPY --from=build /opt/reelcord /opt/reelcord

# In a container 127.0.0.1 is the container itself; what is reachable from outside is decided by its published ports.
ENV PATH=/opt/reelcord/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HTTP_HOST=0.0.0.0
# From here the default paths data/… lie in the volume; nothing else is written but /tmp.
WORKDIR /
VOLUME /data
EXPOSE 8080
USER 1000:1000

HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; p = os.environ.get('HTTP_PORT') or '8080'; p == '0' or u.urlopen(f'http://127.0.0.1:{p}/healthz', timeout=4)"]
ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]

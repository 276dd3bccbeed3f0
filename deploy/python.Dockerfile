# A Python service whose output is shown in a channel: nothing of the service is
# changed but its command. `irclog run` is process 1: it passes signals on,
# reaps orphans, copies the output as it is, and ends with the service's status.
#
#   scripts/build-packages && docker build -f deploy/python.Dockerfile -t seller .
FROM python:3.11-slim
WORKDIR /app
COPY tests/seller/requirements.txt ./
COPY target/packages/*manylinux*_x86_64.whl /tmp/wheels/
# Once it is published: irclog-live beside the service's own requirements.
RUN pip install --no-cache-dir --no-deps -r requirements.txt \
    && pip install --no-cache-dir --no-deps /tmp/wheels/irclog_live-*.whl \
    && rm -r /tmp/wheels
COPY tests/seller/main.py ./
# What outlives a restart, where a volume is mounted at it: a new one takes its
# owner from here.
RUN install -d -o 10001 -g 10001 /var/lib/irclog
USER 10001:10001
ENV PYTHONUNBUFFERED=1 SERVE_HOST=0.0.0.0 PORT=8000
EXPOSE 8000
CMD ["irclog", "run", "--", "python", "main.py"]

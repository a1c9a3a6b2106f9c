#pragma once
static inline int esp_crt_bundle_attach(void *conf) { return conf != 0; }

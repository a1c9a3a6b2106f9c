#pragma once
#include <stddef.h>
typedef struct cJSON {
  char *valuestring;
  double valuedouble;
} cJSON;
cJSON *cJSON_ParseWithLength(const char *text, size_t length);
cJSON *cJSON_GetObjectItemCaseSensitive(const cJSON *object, const char *name);
int cJSON_IsNumber(const cJSON *item);
int cJSON_IsString(const cJSON *item);
void cJSON_Delete(cJSON *item);

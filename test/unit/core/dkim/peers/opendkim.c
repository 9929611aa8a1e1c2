/* Verifies messages with libopendkim, as of a time in seconds since 1970: `opendkim TIME KEYS MESSAGE...`,
 * KEYS a file of lines "name record". Prints one line a message: its path and pass or what libopendkim
 * says. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <opendkim/dkim.h>

static time_t now;

/* Takes the place of the C library's, for libopendkim too. */
time_t time(time_t *seconds)
{
	if (seconds != NULL)
		*seconds = now;
	return now;
}

static unsigned char *read_file(const char *path, size_t *length)
{
	FILE *file = fopen(path, "rb");
	unsigned char *octets;

	if (file == NULL) {
		perror(path);
		exit(1);
	}
	fseek(file, 0, SEEK_END);
	*length = (size_t) ftell(file);
	rewind(file);
	octets = malloc(*length + 1);
	if (octets == NULL || fread(octets, 1, *length, file) != *length) {
		perror(path);
		exit(1);
	}
	fclose(file);
	return octets;
}

int main(int argc, char **argv)
{
	dkim_query_t method = DKIM_QUERY_FILE;
	DKIM_LIB *library = dkim_init(NULL, NULL);

	now = (time_t) atoll(argv[1]);
	dkim_options(library, DKIM_OP_SETOPT, DKIM_OPTS_QUERYMETHOD, &method, sizeof method);
	dkim_options(library, DKIM_OP_SETOPT, DKIM_OPTS_QUERYINFO, argv[2], strlen(argv[2]));
	for (int i = 3; i < argc; i++) {
		size_t length;
		unsigned char *octets = read_file(argv[i], &length);
		DKIM_STAT status;
		DKIM *dkim = dkim_verify(library, (unsigned char *) "test", NULL, &status);

		if (dkim != NULL)
			status = dkim_chunk(dkim, octets, length);
		if (status == DKIM_STAT_OK)
			status = dkim_chunk(dkim, NULL, 0);
		if (status == DKIM_STAT_OK)
			status = dkim_eom(dkim, NULL);
		printf("%s %s\n", argv[i], status == DKIM_STAT_OK ? "pass" : dkim_getresultstr(status));
		dkim_free(dkim);
		free(octets);
	}
	dkim_close(library);
	return 0;
}

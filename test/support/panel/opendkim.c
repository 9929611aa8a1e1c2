/* Verifies the signature of a domain on messages with libopendkim, as of a time in seconds since 1970:
 * `opendkim TIME KEYS DOMAIN FOLDER COUNT`, KEYS a file of lines "name record"; the messages are FOLDER/00000
 * and so on. Prints one line a message: pass, or what libopendkim says. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
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

/* What libopendkim says of the signature of `domain`, every signature of the message processed. */
static const char *verdict(DKIM *dkim, const char *domain)
{
	DKIM_SIGINFO **signatures = NULL;
	int count = 0;

	if (dkim_getsiglist(dkim, &signatures, &count) != DKIM_STAT_OK)
		return "no signatures";
	for (int i = 0; i < count; i++) {
		if (strcasecmp((char *) dkim_sig_getdomain(signatures[i]), domain) != 0)
			continue;
		dkim_sig_process(dkim, signatures[i]);
		if ((dkim_sig_getflags(signatures[i]) & DKIM_SIGFLAG_PASSED) != 0 &&
		    dkim_sig_getbh(signatures[i]) == DKIM_SIGBH_MATCH)
			return "pass";
		return dkim_sig_geterrorstr(dkim_sig_geterror(signatures[i]));
	}
	return "no signature";
}

int main(int argc, char **argv)
{
	dkim_query_t method = DKIM_QUERY_FILE;
	DKIM_LIB *library = dkim_init(NULL, NULL);

	if (argc != 6)
		return 2;
	now = (time_t) atoll(argv[1]);
	dkim_options(library, DKIM_OP_SETOPT, DKIM_OPTS_QUERYMETHOD, &method, sizeof method);
	dkim_options(library, DKIM_OP_SETOPT, DKIM_OPTS_QUERYINFO, argv[2], strlen(argv[2]));
	for (int i = 0; i < atoi(argv[5]); i++) {
		char path[4096];
		size_t length;
		unsigned char *octets;
		DKIM_STAT status;
		DKIM *dkim = dkim_verify(library, (unsigned char *) "test", NULL, &status);

		snprintf(path, sizeof path, "%s/%05d", argv[4], i);
		octets = read_file(path, &length);
		if (dkim != NULL)
			status = dkim_chunk(dkim, octets, length);
		if (status == DKIM_STAT_OK)
			status = dkim_chunk(dkim, NULL, 0);
		if (status != DKIM_STAT_OK) {
			printf("%s\n", dkim_getresultstr(status));
		} else {
			/* Its result is of all signatures together. */
			dkim_eom(dkim, NULL);
			printf("%s\n", verdict(dkim, argv[3]));
		}
		dkim_free(dkim);
		free(octets);
	}
	dkim_close(library);
	return 0;
}

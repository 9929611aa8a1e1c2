/* Signs a message again and again with libopendkim: `opendkim MESSAGE KEY SECONDS`. Prints the seconds that
 * the best signature took. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <opendkim/dkim.h>

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
	octets = calloc(*length + 1, 1);
	if (octets == NULL || fread(octets, 1, *length, file) != *length) {
		perror(path);
		exit(1);
	}
	fclose(file);
	return octets;
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double) time.tv_sec + (double) time.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	size_t length, key_length;
	unsigned char *message, *key;
	double best = 1e9, end;
	DKIM_LIB *library = dkim_init(NULL, NULL);

	if (argc != 4)
		return 2;
	message = read_file(argv[1], &length);
	key = read_file(argv[2], &key_length);
	end = now() + atof(argv[3]);
	while (best == 1e9 || now() < end) {
		double start = now(), took;
		unsigned char *field;
		size_t field_length;
		DKIM_STAT status;
		DKIM *dkim = dkim_sign(library, (unsigned char *) "bench", NULL, key, (unsigned char *) "zero",
		    (unsigned char *) "example.com", DKIM_CANON_RELAXED, DKIM_CANON_RELAXED, DKIM_SIGN_RSASHA256, -1, &status);

		if (dkim != NULL)
			status = dkim_chunk(dkim, message, length);
		if (status == DKIM_STAT_OK)
			status = dkim_chunk(dkim, NULL, 0);
		if (status == DKIM_STAT_OK)
			status = dkim_eom(dkim, NULL);
		if (status == DKIM_STAT_OK)
			status = dkim_getsighdr_d(dkim, 16, &field, &field_length);
		if (status != DKIM_STAT_OK) {
			fprintf(stderr, "libopendkim: %s\n", dkim_getresultstr(status));
			return 1;
		}
		dkim_free(dkim);
		took = now() - start;
		if (took < best)
			best = took;
	}
	printf("%.9f\n", best);
	dkim_close(library);
	return 0;
}

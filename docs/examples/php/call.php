<?php

/** Calls the API. It waits where the API asks to, and ends with what a refusal says. */
function call(string $method, string $path, ?array $body = null, ?string $idempotencyKey = null): array
{
    $headers = ['authorization: Bearer ' . getenv('KEY')];
    if ($body !== null) {
        $headers[] = 'content-type: application/json';
    }
    if ($idempotencyKey !== null) {
        $headers[] = "idempotency-key: $idempotencyKey";
    }
    $http = ['method' => $method, 'header' => $headers, 'ignore_errors' => true];
    if ($body !== null) {
        $http['content'] = json_encode($body);
    }
    while (true) {
        $stream = fopen(getenv('API') . $path, 'r', false, stream_context_create(['http' => $http]));
        if ($stream === false) {
            exit(1);
        }
        $lines = stream_get_meta_data($stream)['wrapper_data'];
        $answer = json_decode(stream_get_contents($stream), true);
        $status = (int) explode(' ', $lines[0])[1];
        if ($status < 300) {
            return $answer;
        }
        if ($status !== 429 && $status !== 503) {
            fwrite(STDERR, $status . ': ' . ($answer['detail'] ?? $answer['message'] ?? '') . "\n");
            exit(1);
        }
        $wait = preg_grep('/^retry-after:/i', $lines);
        sleep($wait ? (int) trim(substr(reset($wait), strlen('retry-after:'))) : 5);
    }
}

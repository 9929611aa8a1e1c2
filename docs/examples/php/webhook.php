<?php
// php -S 127.0.0.1:8080 webhook.php: takes events in, by their signature.

const TOLERANCE_SECONDS = 300;

/** Returns true if a request was signed by the secret, minutes ago at most. */
function isGenuine(string $id, string $at, string $given, string $body): bool
{
    if (!ctype_digit($at) || abs(time() - (int) $at) > TOLERANCE_SECONDS) {
        return false;
    }
    $key = base64_decode(str_replace('whsec_', '', (string) getenv('SECRET')));
    $expected = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$at.$body", $key, true));
    // While a secret is replaced there is one signature by each.
    foreach (explode(' ', $given) as $each) {
        if (hash_equals($expected, $each)) {
            return true;
        }
    }
    return false;
}

$field = fn (string $name): string => $_SERVER['HTTP_WEBHOOK_' . $name] ?? '';
// The octets as they came: what is parsed and written again may differ.
$body = file_get_contents('php://input');
if (!isGenuine($field('ID'), $field('TIMESTAMP'), $field('SIGNATURE'), $body)) {
    http_response_code(400);
    return;
}
error_log($field('ID') . ' ' . json_decode($body, true)['type']);
http_response_code(204);

<?php
// php set-up.php DOMAIN: claims a domain, prints its records, and waits until it may send.
require __DIR__ . '/call.php';

$name = $argv[1];
call('POST', '/v1/domains', ['name' => $name], "set-up-$name");

// Amazon SES gives the value of one record a few seconds later.
$domain = call('GET', "/v1/domains/$name");
while (in_array('', array_column($domain['records'], 'value'), true)) {
    sleep(2);
    $domain = call('GET', "/v1/domains/$name");
}
echo "Create these records:\n";
foreach ($domain['records'] as $record) {
    echo "{$record['type']} {$record['name']} {$record['value']}\n";
}

while ($domain['status'] !== 'verified' || $domain['sending'] !== 'ready') {
    call('POST', "/v1/domains/$name/checks");
    sleep(5);
    $domain = call('GET', "/v1/domains/$name");
}
echo "$name may send\n";

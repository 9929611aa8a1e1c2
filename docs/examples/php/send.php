<?php
// php send.php FROM TO: sends a mail, and prints its id and status.
require __DIR__ . '/call.php';

[, $from, $to] = $argv;
$mail = ['from' => $from, 'to' => [$to], 'subject' => 'Your order 1042', 'text' => 'It is on its way.'];
// By the key the same order is sent once, however often this is run.
$answer = call('POST', '/v1/messages', $mail, 'order-1042');
echo "{$answer['id']} {$answer['status']}\n";

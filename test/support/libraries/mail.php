<?php
// Makes the mails of `mails.ts` with PHP's mail(), whose sendmail_path writes to a file:
// `php -d sendmail_path='cat > FILE' mail.php KIND`, the meaning on standard input. Headers as many write them.
$meaning = json_decode(stream_get_contents(STDIN), true);
$from = "From: {$meaning['name']} <{$meaning['address']}>";
$to = 'b@example.net';
switch ($argv[1]) {
    case 'text':
        mail($to, $meaning['subject'], $meaning['text'], "$from\r\nContent-Type: text/plain; charset=utf-8");
        break;
    case 'html':
        $type = "MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8";
        mail($to, $meaning['subject'], $meaning['html'], "$from\r\n$type");
        break;
    case 'mixed':
        $part = "--x\r\nContent-Type: multipart/alternative; boundary=y\r\n\r\n"
            . "--y\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{$meaning['text']}\r\n"
            . "--y\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{$meaning['html']}\r\n--y--\r\n"
            . "--x\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n"
            . "Content-Disposition: attachment; filename=\"{$meaning['filename']}\"\r\n\r\n"
            . "{$meaning['attachment']}\r\n--x--";
        $type = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x";
        mail($to, $meaning['subject'], $part, "$from\r\n$type");
        break;
    case 'empty':
        mail($to, $meaning['subject'], '', $from);
        break;
}

<?php
// Makes the mails of `mails.ts` with PHPMailer: `php phpmailer.php FOLDER`, the meaning on standard input.
require '/usr/share/php/libphp-phpmailer/autoload.php';

use PHPMailer\PHPMailer\PHPMailer;

$folder = $argv[1];
$meaning = json_decode(stream_get_contents(STDIN), true);
$make = function (string $kind, callable $fill) use ($folder, $meaning): void {
    $mail = new PHPMailer(true);
    $mail->CharSet = PHPMailer::CHARSET_UTF8;
    $mail->setFrom($meaning['address'], $meaning['name']);
    $mail->addAddress('b@example.net', $meaning['recipient']);
    $mail->Subject = $meaning['subject'];
    $fill($mail);
    $mail->preSend();
    file_put_contents("$folder/$kind", $mail->getSentMIMEMessage());
};
$make('text', function ($mail) use ($meaning) {
    $mail->Body = $meaning['text'];
});
$make('html', function ($mail) use ($meaning) {
    $mail->isHTML();
    $mail->Body = $meaning['html'];
});
$make('mixed', function ($mail) use ($meaning) {
    $mail->isHTML();
    $mail->Body = $meaning['html'];
    $mail->AltBody = $meaning['text'];
    $mail->addStringAttachment(base64_decode($meaning['attachment']), $meaning['filename']);
});
$make('empty', function ($mail) {
    $mail->AllowEmpty = true;
});

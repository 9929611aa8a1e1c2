# Signs a message again and again with Mail::DKIM: `mail-dkim.pl MESSAGE KEY SECONDS`. Prints the seconds that
# the best signature took.
use strict;
use warnings;
use Mail::DKIM::PrivateKey;
use Mail::DKIM::Signer;
use Time::HiRes 'time';

my ($path, $key_path, $seconds) = @ARGV;
open my $file, '<:raw', $path or die "$path: $!";
my $message = do { local $/; <$file> };
my $key = Mail::DKIM::PrivateKey->load(File => $key_path);
my $best;
my $end = time + $seconds;
while (!defined $best || time < $end) {
    my $start = time;
    my $dkim = Mail::DKIM::Signer->new(
        Algorithm => 'rsa-sha256',
        Method    => 'relaxed/relaxed',
        Domain    => 'example.com',
        Selector  => 'zero',
        Key       => $key,
    );
    $dkim->PRINT($message);
    $dkim->CLOSE;
    $dkim->signature->as_string;
    my $took = time - $start;
    $best = $took if !defined $best || $took < $best;
}
print "$best\n";

# Verifies the signature of a domain on messages with Mail::DKIM, as of a time in seconds since 1970:
# `mail-dkim.pl TIME KEYS DOMAIN FOLDER`, KEYS a file of lines "name record". Prints one line a message:
# pass, or what Mail::DKIM says.
use strict;
use warnings;

# Before Mail::DKIM is compiled, which then calls this one.
BEGIN { my $now = shift @ARGV; *CORE::GLOBAL::time = sub () { $now } }
use Mail::DKIM::DNS;
use Mail::DKIM::PublicKey;
use Mail::DKIM::Verifier;

my ($keys, $domain, $folder) = @ARGV;
open my $lines, '<', $keys or die "$keys: $!";
my %records = map { chomp; split / /, $_, 2 } <$lines>;
{
    no warnings qw(redefine once);
    *Mail::DKIM::DNS::query = sub {
        my ($name) = @_;
        return exists $records{$name} ? bless { text => $records{$name} }, 'Record' : ();
    };
    *Record::char_str_list = sub { return ($_[0]{text}) };
    *Record::txtdata = sub { return $_[0]{text} };
    *Record::type = sub { return 'TXT' };
}
opendir my $dir, $folder or die "$folder: $!";
for my $name (sort grep { !/^\./ } readdir $dir) {
    open my $file, '<:raw', "$folder/$name" or die "$name: $!";
    my $dkim = Mail::DKIM::Verifier->new;
    local $/;
    $dkim->PRINT(scalar <$file>);
    $dkim->CLOSE;
    my ($ours) = grep { ($_->domain // '') eq $domain } $dkim->signatures;
    print $ours ? $ours->result eq 'pass' ? 'pass' : $ours->result_detail : 'no signature', "\n";
}

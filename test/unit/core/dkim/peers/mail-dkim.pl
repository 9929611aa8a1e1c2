# Verifies each message of a folder with Mail::DKIM, as of a time in seconds since 1970: `mail-dkim.pl TIME
# FOLDER RECORD`, the record answering for every name. Prints one line a message: its file name and pass or
# what Mail::DKIM says.
use strict;
use warnings;

# Before Mail::DKIM is compiled, which then calls this one.
BEGIN { my $now = shift @ARGV; *CORE::GLOBAL::time = sub () { $now } }
use Mail::DKIM::DNS;
use Mail::DKIM::PublicKey;
use Mail::DKIM::Verifier;

my ($folder, $record) = @ARGV;
{
    no warnings qw(redefine once);
    *Mail::DKIM::DNS::query = sub { return bless {}, 'Record' };
    *Record::char_str_list = sub { return ($record) };
    *Record::txtdata = sub { return $record };
    *Record::type = sub { return 'TXT' };
}
opendir my $dir, $folder or die "$folder: $!";
for my $name (sort grep { !/^\./ } readdir $dir) {
    open my $file, '<:raw', "$folder/$name" or die "$name: $!";
    my $dkim = Mail::DKIM::Verifier->new;
    local $/;
    $dkim->PRINT(scalar <$file>);
    $dkim->CLOSE;
    print "$name ", $dkim->result, "\n";
}

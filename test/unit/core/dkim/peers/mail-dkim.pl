# Verifies each message of a folder with Mail::DKIM: `mail-dkim.pl FOLDER RECORD`, the record answering for
# every name. Prints one line a message: its file name and pass or what Mail::DKIM says.
use strict;
use warnings;
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

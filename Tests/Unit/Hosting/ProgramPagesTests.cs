using System.Text;
using MemoryMesh.ServiceDefaults.Hosting;

namespace MemoryMesh.Tests.Unit.Hosting;

public class ProgramPagesTests
{
    [Test]
    public void Only_parts_of_programs_that_nobody_wrote_may_go_back()
    {
        string[] maps =
        [
            .. Lines("7f0000000000-7f0000002000 r-xp 00001000 08:01 12                          /usr/lib/System.Text.Json.dll"),
            .. Lines("7f0000002000-7f0000004000 r-xp 00003000 08:01 12 /usr/lib/relocated.dll", anonymous: 4),
            .. Lines("7f0000004000-7f0000006000 r--p 00005000 08:01 12 /usr/lib/gone to disk.so", swap: 4),
            .. Lines("7f0000006000-7f0000008000 rw-p 00005000 08:01 12 /usr/lib/data.dll"),
            .. Lines("7f0000008000-7f000000a000 r--s 00000000 08:01 13 /usr/lib/with a space/libssl.so.3"),
            .. Lines("7f000000a000-7f000000c000 r--s 00000000 08:01 14 /models/model.int8"),
            .. Lines("7f000000c000-7f000000d000 rw-s 00000000 08:01 15 /data/search/search.db-shm"),
            .. Lines("7f000000d000-7f000000e000 r--p 00000000 08:01 16 /usr/share/locale/names.mo"),
            .. Lines("7f000000e000-7f000000f000 r-xp 00000000 00:00 0 [vdso]"),
            .. Lines("7f000000f000-7f0000010000 rw-p 00000000 00:00 0 "),
        ];
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(string.Join('\n', maps) + "\n"));
        Assert.That(
            ProgramPages.Unwritten(stream).OrderBy(mapping => mapping.File).Select(mapping => ((ulong)mapping.Start, (ulong)mapping.Length, mapping.File)),
            Is.EqualTo(new[] { (0x7f0000000000ul, 0x2000ul, 12ul), (0x7f0000008000ul, 0x2000ul, 13ul), (0x7f000000a000ul, 0x2000ul, 14ul) }));
    }

    [Test]
    [Platform("Linux")]
    public void This_process_goes_on_without_them()
    {
        var before = ProgramPages.Unwritten();
        Assert.That(before, Has.Count.GreaterThan(20));
        ProgramPages.GiveBack(before);

        // Code that ran before and code that never did.
        Assert.That(Enumerable.Range(0, 1_000).Select(number => number.ToString("D8", null)).Order(StringComparer.Ordinal).Last(), Is.EqualTo("00000999"));
        Assert.That(System.Numerics.BigInteger.Pow(7, 300).ToString(null, null), Has.Length.EqualTo(254));
    }

    private static string[] Lines(string mapping, int anonymous = 0, int swap = 0) =>
        [mapping, "Size:                  8 kB", "Rss:                   8 kB", $"Anonymous:             {anonymous} kB", $"Swap:                  {swap} kB", "Locked:                0 kB", "VmFlags: rd ex mr mw me sd"];
}

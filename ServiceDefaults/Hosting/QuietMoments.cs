namespace MemoryMesh.ServiceDefaults.Hosting;

/// <summary>What is given back at a moment.</summary>
internal enum QuietMoment
{
    /// <summary>Nothing: little has happened since the last time.</summary>
    None,

    /// <summary>The process works: what costs next to nothing.</summary>
    Work,

    /// <summary>It has worked for a minute: also what is had again in some milliseconds.</summary>
    LongWork,

    /// <summary>It rests after it has worked: everything.</summary>
    Rest,
}

/// <summary>Finds moments in which memory is given back: while a process works, and once when it rests; to start is work.</summary>
internal sealed class QuietMoments
{
    /// <summary>Bytes between two looks up to which it rests: about ten searches.</summary>
    public const long Rest = 8L * 1_048_576;

    /// <summary>Bytes since the last such moment from which it has worked.</summary>
    public const long Work = 64L * 1_048_576;

    /// <summary>Looks between two moments of long work.</summary>
    public const int LongWork = 6;

    private long _last;
    private long _atRest = -Work;
    private long _atWork = -Work;
    private int _looks = LongWork - 1;

    /// <summary>Looks once more.</summary>
    /// <param name="allocated">What has been allocated up to now, in bytes.</param>
    public QuietMoment Look(long allocated)
    {
        var rests = allocated - _last <= Rest;
        _last = allocated;
        _looks++;
        if (allocated - (rests ? _atRest : _atWork) < Work)
        {
            return QuietMoment.None;
        }

        _atWork = allocated;
        if (rests)
        {
            _atRest = allocated;
            _looks = 0;
            return QuietMoment.Rest;
        }

        if (_looks < LongWork)
        {
            return QuietMoment.Work;
        }

        _looks = 0;
        return QuietMoment.LongWork;
    }
}

namespace EdgePrune.Agent.Service.Memory;

/// <summary>Says when it is worth while to give memory back: something has been done since the last time, and nothing is being done now.</summary>
/// <param name="worthBytes">So much must have been allocated since the last time.</param>
/// <param name="quietBytes">Less than that between two looks is quiet: a timer, an event of live power.</param>
internal sealed class IdleRule(long worthBytes, long quietBytes)
{
    private long returned;
    private long looked;

    /// <summary>Looks, and says whether now is the moment.</summary>
    /// <param name="allocated">Bytes that the process has allocated so far, all in all.</param>
    public bool Look(long allocated)
    {
        bool quiet = allocated - looked < quietBytes;
        looked = allocated;
        if (!quiet || allocated - returned < worthBytes)
        {
            return false;
        }

        returned = allocated;
        return true;
    }
}

using System;
using System.Threading;

namespace Gateway.Api
{
	/* The emulator's one clock: the machine's, plus what the control interface has added.  The
	 * compiler of expressions writes PolicyClock where they say DateTime.UtcNow, Now or Today (the
	 * gateway's machines keep UTC). */
	public static class PolicyClock
	{
		static long addedTicks;

		public static DateTime UtcNow
		{
			get { return DateTime.UtcNow.AddTicks(Interlocked.Read(ref addedTicks)); }
		}

		public static DateTime Now { get { return UtcNow; } }
		public static DateTime Today { get { return UtcNow.Date; } }

		/* Milliseconds for measuring spans, as Environment.TickCount: every timeout is one of this clock. */
		internal static int TickCount
		{
			get { return unchecked(Environment.TickCount + (int)(Interlocked.Read(ref addedTicks) / TimeSpan.TicksPerMillisecond)); }
		}

		/* Then the pauses of a retry advance this clock instead of lasting. */
		internal static bool Manual { get; set; }

		internal static double AddedSeconds
		{
			get { return TimeSpan.FromTicks(Interlocked.Read(ref addedTicks)).TotalSeconds; }
		}

		internal static void Advance(TimeSpan by)
		{
			Interlocked.Add(ref addedTicks, by.Ticks);
		}

		internal static void Wait(TimeSpan time)
		{
			if (Manual)
				Advance(time);
			else
				Thread.Sleep(time);
		}
	}

	/* The same for DateTimeOffset. */
	public static class PolicyClockOffset
	{
		public static DateTimeOffset UtcNow { get { return new DateTimeOffset(PolicyClock.UtcNow); } }
		public static DateTimeOffset Now { get { return UtcNow; } }
	}
}

using System.Linq;

namespace Gateway
{
	sealed class RateLimitStep : Step
	{
		readonly Value calls, period, key, condition, count;
		readonly string retryHeader, retryVariable, remainingHeader, remainingVariable, totalHeader;

		internal RateLimitStep(Place at)
		{
			calls = at.Value("calls");
			period = at.Value("renewal-period");
			key = at.Value("counter-key");
			condition = at.Value("increment-condition");
			count = at.Value("increment-count");
			retryHeader = at.Plain("retry-after-header-name") ?? "Retry-After";
			retryVariable = at.Plain("retry-after-variable-name");
			remainingHeader = at.Plain("remaining-calls-header-name");
			remainingVariable = at.Plain("remaining-calls-variable-name");
			totalHeader = at.Plain("total-calls-header-name");
		}

		internal override bool Run(Execution x)
		{
			int remaining, retryAfter;
			var limit = calls.Whole(x);
			var counter = key.Text(x);
			var later = condition != null || count != null;
			var fits = x.Gateway.Rates.Take(counter, limit, period.Whole(x), later ? 0 : 1,
				out remaining, out retryAfter);
			if (later && fits)
				x.OnAnswer.Add(() => CountLater(x, counter));
			if (remainingVariable != null)
				x.Context.Variables[remainingVariable] = remaining;
			if (remainingHeader != null)
				x.AddToAnswer(remainingHeader, remaining.ToString());
			if (totalHeader != null)
				x.AddToAnswer(totalHeader, limit.ToString());
			if (!fits)
				throw Exceeded(x, retryAfter);
			return true;
		}

		/* An increment's expressions are asked once the answer is known: the 429 comes a call late. */
		void CountLater(Execution x, string counter)
		{
			if (condition == null || condition.True(x))
				x.Gateway.Rates.Add(counter, count == null ? 1 : count.Whole(x));
		}

		PolicyFailure Exceeded(Execution x, int retryAfter)
		{
			x.Gateway.Counters.Add("rate-limited");
			if (retryVariable != null)
				x.Context.Variables[retryVariable] = retryAfter;
			return new PolicyFailure(429, "RateLimitExceeded", "Rate limit is exceeded")
			{
				PublicMessage = "Rate limit is exceeded. Try again in " + retryAfter + " seconds.",
				RetryAfterHeader = retryHeader, RetryAfter = retryAfter.ToString(),
			};
		}
	}
}

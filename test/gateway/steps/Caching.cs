namespace Gateway
{
	sealed class CacheLookupStep : Step
	{
		readonly Value key, fallback;
		readonly string variable;

		internal CacheLookupStep(Place at)
		{
			key = at.Value("key");
			fallback = at.Value("default-value");
			variable = at.Plain("variable-name");
		}

		internal override bool Run(Execution x)
		{
			object value;
			var variables = x.Context.Variables;
			var hit = x.Gateway.Cache.Find(key.Text(x), out value);
			x.Gateway.Counters.Add(hit ? "cache-hit" : "cache-miss");
			if (hit || fallback != null)
				variables[variable] = hit ? value : fallback.Get(x);
			else if (x.Gateway.Cache.MissIsNull)
				variables[variable] = null;
			else
				variables.Remove(variable);
			return true;
		}
	}

	sealed class CacheStoreStep : Step
	{
		readonly Value key, value, duration;

		internal CacheStoreStep(Place at)
		{
			key = at.Value("key");
			value = at.Value("value");
			duration = at.Value("duration");
		}

		internal override bool Run(Execution x)
		{
			var seconds = duration.Whole(x);
			if (seconds <= 0)
				throw PolicyFailure.OfExpression("a cache duration is 1 second or more");
			x.Gateway.Counters.Add("cache-store");
			x.Gateway.Cache.Store(key.Text(x), SetVariableStep.Storable(value.Get(x)), seconds);
			return true;
		}
	}

	sealed class CacheRemoveStep : Step
	{
		readonly Value key;

		internal CacheRemoveStep(Place at)
		{
			key = at.Value("key");
		}

		internal override bool Run(Execution x)
		{
			x.Gateway.Counters.Add("cache-remove");
			x.Gateway.Cache.Remove(key.Text(x));
			return true;
		}
	}
}
